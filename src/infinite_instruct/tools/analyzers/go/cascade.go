package main

import (
	"go/ast"
	"go/token"
	"go/types"
)

// explain tells whether an error only follows from packages that are not looked into.
// The type checker is silent itself where it meets a value of unknown type. What is left are the
// failed import, names that a dot import may bring, and types of the sample which contain an
// unknown type: `struct{ gin.Engine }` has methods, and `[T constraints.Ordered]` operators, of
// which nobody knows.
func (i *imports) explain(sample *sample, info *types.Info, code string, fault types.Error) bool {
	switch code {
	case "BrokenImport":
		return true
	case "UndeclaredName":
		return i.dotted
	case "DuplicateDecl", "MissingReturn", "UndeclaredImportedName":
		return false
	}
	place := around(sample.file, fault.Pos)
	if len(i.strange) == 0 || place == nil {
		return false
	}
	found := false
	seen := map[types.Type]bool{}
	ast.Inspect(place, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncLit:
			return false
		case *ast.Ident: // of a generic function the object knows the parameters
			if object := info.ObjectOf(node); object != nil {
				found = found || lacks(object.Type(), seen)
			}
		case ast.Expr:
			found = found || lacks(info.TypeOf(node), seen)
		}
		return !found
	})
	return found
}

// around is the whole expression in which a position stands; nil where it stands in none.
func around(file *ast.File, pos token.Pos) (found ast.Node) {
	ast.Inspect(file, func(node ast.Node) bool {
		if node == nil || pos < node.Pos() || pos >= node.End() {
			return false
		}
		switch node.(type) {
		case *ast.FuncLit:
			found = nil
		case ast.Expr:
			if found == nil {
				found = node
			}
		default:
			found = nil
		}
		return true
	})
	return found
}

// lacks tells whether a type has parts that come from an unknown type.
func lacks(t types.Type, seen map[types.Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	switch t := types.Unalias(t).(type) {
	case *types.Pointer:
		return lacks(t.Elem(), seen)
	case *types.TypeParam:
		return isUnknown(t.Constraint(), seen)
	case *types.Signature:
		return anyLacks(t.TypeParams(), seen)
	case *types.Named:
		return anyLacks(t.TypeParams(), seen) || lacks(t.Underlying(), seen)
	case *types.Struct:
		for n := range t.NumFields() {
			if t.Field(n).Embedded() && isUnknown(t.Field(n).Type(), seen) {
				return true
			}
		}
	case *types.Interface:
		for n := range t.NumEmbeddeds() {
			if isUnknown(t.EmbeddedType(n), seen) {
				return true
			}
		}
	case *types.Union:
		for n := range t.Len() {
			if isUnknown(t.Term(n).Type(), seen) {
				return true
			}
		}
	}
	return false
}

func anyLacks(parameters *types.TypeParamList, seen map[types.Type]bool) bool {
	for n := range parameters.Len() {
		if lacks(parameters.At(n), seen) {
			return true
		}
	}
	return false
}

func isUnknown(t types.Type, seen map[types.Type]bool) bool {
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	}
	return types.Unalias(t) == types.Typ[types.Invalid] || lacks(t, seen)
}
