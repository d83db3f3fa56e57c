import{a,b,c,d,e}from"./chunk-I7SRW6NZ.js";import"./chunk-A4F44IXP.js";export{b as Pattern,a as PatternError,c as glob,d as prefixEnd,e as suffixStart};
