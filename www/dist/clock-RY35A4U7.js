import"./chunk-XCMNUCEL.js";import"./chunk-FYNCGU5U.js";import"./chunk-A4F44IXP.js";
