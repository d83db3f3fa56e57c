import"./chunk-GZSTURNN.js";import"./chunk-OLRVH5WF.js";import"./chunk-A4F44IXP.js";
