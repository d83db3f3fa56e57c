// Gives the package's loader for pages the package's types.
export * from '../../pkg/index.d.ts';
