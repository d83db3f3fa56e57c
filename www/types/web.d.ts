// For tsc: the package's loader for pages has the package's types.
export * from '../../pkg/index.d.ts';
