"""JavaScript and TypeScript: TypeScript's compiler."""
