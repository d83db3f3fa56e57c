import{a,b,c}from"./chunk-JZ25DOQA.js";import"./chunk-74QHMD5K.js";import"./chunk-QWWNHW5L.js";import"./chunk-A4F44IXP.js";export{a as aws,c as awsCommands,b as awsWords};
