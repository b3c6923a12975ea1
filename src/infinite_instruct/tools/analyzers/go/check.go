package main

import (
	"fmt"
	"go/ast"
	"go/scanner"
	"go/types"
	"reflect"
	"slices"
	"strings"
)

// maxKept bounds the findings on one sample, the errors before what is soft.
const maxKept = 50

// unused are the codes of what the compiler refuses although the program has a meaning.
var unused = map[string]bool{"UnusedImport": true, "UnusedLabel": true, "UnusedVar": true}

// A Checker judges one sample after the other; they share nothing but the standard library.
type Checker struct {
	std   *std
	codes map[int64]string
}

// NewChecker needs the sources of GOROOT.
func NewChecker() (*Checker, error) {
	std, err := newStd()
	if err != nil {
		return nil, err
	}
	codes, err := std.codes()
	return &Checker{std: std, codes: codes}, err
}

// Check judges one sample.
func (c *Checker) Check(text string) (reply Reply) {
	defer func() {
		if fault := recover(); fault != nil {
			reply = Reply{Fault: fmt.Sprintf("panic: %.200v", fault)}
		}
	}()
	sample, err := read(text)
	if err != nil {
		return Reply{Diagnostics: heaviest(c.broken(sample, err))}
	}
	found := importsOf(sample, c.std)
	if found.fault != nil {
		return Reply{Fault: found.fault.Error()}
	}
	diagnostics := append(c.typed(sample, found), found.refused...)
	return Reply{Diagnostics: heaviest(diagnostics), Unresolved: found.unresolved}
}

// broken are the parser's findings.
func (c *Checker) broken(sample *sample, err error) []Diagnostic {
	var diagnostics []Diagnostic
	list, ok := err.(scanner.ErrorList)
	if !ok {
		list = scanner.ErrorList{{Msg: err.Error()}}
	}
	for _, each := range list {
		line, column := sample.place(sample.source.Pos(min(each.Pos.Offset, sample.source.Size())))
		diagnostics = append(diagnostics, Diagnostic{
			Tool: "go", Rule: "Syntax", Line: line, Column: column, Message: each.Msg,
		})
	}
	return diagnostics
}

// typed are the findings of the type checker and, where it finds no error, of vet.
func (c *Checker) typed(sample *sample, imports *imports) []Diagnostic {
	var faults []types.Error
	config := types.Config{
		Importer: imports,
		Sizes:    types.SizesFor("gc", "amd64"),
		Error:    func(err error) { faults = append(faults, err.(types.Error)) },
	}
	info := newInfo()
	pkg, _ := config.Check("sample", sample.fset, []*ast.File{sample.file}, info)
	diagnostics := bodiless(sample)
	cascades := newCascades(imports, sample.file, info)
	isSound := true
	for _, fault := range faults {
		isMore := strings.HasPrefix(fault.Msg, "\t") // it continues the error before it
		code := c.code(fault)
		if isMore || cascades.explain(code, fault) {
			continue
		}
		if code == "UndeclaredName" && isEarly(pkg, fault) {
			code = "UsedBeforeDeclaration"
		}
		isSound = isSound && unused[code]
		diagnostics = append(diagnostics, c.diagnostic(sample, code, fault))
	}
	if isSound && len(imports.unresolved)+len(imports.refused) == 0 {
		diagnostics = append(diagnostics, vet(sample, pkg, info)...)
	}
	return diagnostics
}

func (c *Checker) diagnostic(sample *sample, code string, fault types.Error) Diagnostic {
	line, column := sample.place(fault.Pos)
	message := strings.ReplaceAll(fault.Msg, c.std.root+"/", "")
	return Diagnostic{
		Tool: "go", Rule: code, Line: line, Column: column, Message: message,
		soft: unused[code],
	}
}

// code is the name of an error's code. The field is not exported; gopls reads it the same way.
func (c *Checker) code(fault types.Error) string {
	number := reflect.ValueOf(fault).FieldByName("go116code")
	if number.IsValid() && number.CanInt() {
		if name := c.codes[number.Int()]; name != "" {
			return name
		}
	}
	return "Unknown"
}

// isEarly tells whether a name that is undefined at its place is declared behind it.
func isEarly(pkg *types.Package, fault types.Error) bool {
	name := strings.TrimPrefix(fault.Msg, "undefined: ")
	for scope := pkg.Scope().Innermost(fault.Pos); scope != nil; scope = scope.Parent() {
		if scope.Lookup(name) != nil {
			return true
		}
	}
	return false
}

// bodiless are what the compiler refuses and the type checker allows.
func bodiless(sample *sample) []Diagnostic {
	var diagnostics []Diagnostic
	if sample.clauses > 0 {
		diagnostics = append(diagnostics, Diagnostic{
			Tool: "go", Rule: "MissingPackage", Line: 1, Column: 1, soft: true,
			Message: "the file does not begin with a package clause",
		})
	}
	for _, declaration := range sample.file.Decls {
		function, ok := declaration.(*ast.FuncDecl)
		if ok && function.Body == nil {
			line, column := sample.place(function.Name.Pos())
			diagnostics = append(diagnostics, Diagnostic{
				Tool: "go", Rule: "MissingBody", Line: line, Column: column,
				Message: "missing function body",
			})
		}
	}
	return diagnostics
}

func newInfo() *types.Info {
	return &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Instances:    map[*ast.Ident]types.Instance{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Implicits:    map[ast.Node]types.Object{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		Scopes:       map[ast.Node]*types.Scope{},
		FileVersions: map[*ast.File]string{},
	}
}

// heaviest bounds the findings, their number and their words; errors go before what is soft.
func heaviest(diagnostics []Diagnostic) []Diagnostic {
	slices.SortStableFunc(diagnostics, func(a, b Diagnostic) int {
		switch {
		case a.soft == b.soft:
			return 0
		case b.soft:
			return -1
		default:
			return 1
		}
	})
	diagnostics = diagnostics[:min(len(diagnostics), maxKept)]
	for n, each := range diagnostics {
		diagnostics[n].Message = each.Message[:min(len(each.Message), maxMessage)]
	}
	return diagnostics
}
