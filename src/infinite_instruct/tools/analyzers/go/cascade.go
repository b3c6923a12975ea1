package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"slices"
)

// cascades tells which errors only follow from packages that are not looked into.
// The type checker is silent itself where it meets a value of unknown type. What is left are the
// failed imports, names that a dot import may bring, calls with unknown results as arguments, and
// types of the sample that contain an unknown type: `struct{ gin.Engine }` has methods, and
// `[T constraints.Ordered]` operators, of which nobody knows.
type cascades struct {
	imports *imports
	file    *ast.File
	info    *types.Info
	names   map[string]bool // of the sample's types that contain an unknown one
	loose   map[string]bool // what stands in places that were not looked at
}

func newCascades(imports *imports, file *ast.File, info *types.Info) *cascades {
	c := &cascades{imports: imports, file: file, info: info,
		names: map[string]bool{}, loose: map[string]bool{}}
	if len(imports.strange) == 0 {
		return c
	}
	for _, object := range info.Defs {
		if _, ok := object.(*types.TypeName); ok && isUnknown(object.Type(), map[types.Type]bool{}) {
			c.names[object.Name()] = true
		}
	}
	ast.Inspect(file, func(node ast.Node) bool {
		if ident, ok := node.(*ast.Ident); ok && info.ObjectOf(ident) == nil {
			c.loose[ident.Name] = true
		}
		return true
	})
	return c
}

// explain tells whether an error is one of them.
func (c *cascades) explain(code string, fault types.Error) bool {
	switch code {
	case "BrokenImport":
		return true
	case "UndeclaredName":
		return c.imports.dotted
	case "UnusedImport", "UnusedVar": // `gin.H{key: 1}` may use `key`, or have a field of that name
		return mentions(fault.Msg, c.loose)
	case "DuplicateDecl", "MissingReturn", "UndeclaredImportedName":
		return false
	case "WrongArgCount", "WrongAssignCount", "WrongResultCount":
		return c.isUnknownAt(fault.Pos, true)
	default:
		return mentions(fault.Msg, c.names) || c.isUnknownAt(fault.Pos, false)
	}
}

var word = regexp.MustCompile(`[\pL_][\pL\pN_]*`)

func mentions(message string, names map[string]bool) bool {
	return slices.ContainsFunc(word.FindAllString(message, -1), func(name string) bool {
		return names[name]
	})
}

// isUnknownAt tells whether the expression at a place has parts of types that contain an unknown
// one or, if asked, that are unknown themselves.
func (c *cascades) isUnknownAt(pos token.Pos, itself bool) bool {
	place := around(c.file, pos)
	if place == nil || len(c.imports.strange) == 0 {
		return false
	}
	found := false
	seen := map[types.Type]bool{}
	ast.Inspect(place, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.FuncLit:
			return false
		case *ast.Ident: // of a generic function the object knows the parameters
			switch object := c.info.ObjectOf(node).(type) {
			case nil:
				found = found || itself
			case *types.PkgName:
				found = found || itself && c.imports.strange[object.Imported().Path()] != nil
			default:
				found = found || lacks(object.Type(), seen) || itself && isUnknown(object.Type(), seen)
			}
		case ast.Expr:
			found = found || lacks(c.info.TypeOf(node), seen)
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
		return anyLacks(t.TypeParams(), seen) || isUnknown(t.Underlying(), seen)
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
