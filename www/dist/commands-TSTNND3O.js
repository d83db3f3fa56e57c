import{a}from"./chunk-FH6W5KCL.js";import"./chunk-2GOTFPAN.js";import"./chunk-QWWNHW5L.js";import"./chunk-LP4LECS5.js";import"./chunk-A4F44IXP.js";export{a as COMMANDS};
