package main

import (
	"fmt"
	"go/ast"
	"go/types"
	"io/fs"
	"reflect"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/appends"
	"golang.org/x/tools/go/analysis/passes/assign"
	"golang.org/x/tools/go/analysis/passes/atomic"
	"golang.org/x/tools/go/analysis/passes/bools"
	"golang.org/x/tools/go/analysis/passes/copylock"
	"golang.org/x/tools/go/analysis/passes/defers"
	"golang.org/x/tools/go/analysis/passes/errorsas"
	"golang.org/x/tools/go/analysis/passes/httpresponse"
	"golang.org/x/tools/go/analysis/passes/ifaceassert"
	"golang.org/x/tools/go/analysis/passes/lostcancel"
	"golang.org/x/tools/go/analysis/passes/nilfunc"
	"golang.org/x/tools/go/analysis/passes/printf"
	"golang.org/x/tools/go/analysis/passes/shift"
	"golang.org/x/tools/go/analysis/passes/sigchanyzer"
	"golang.org/x/tools/go/analysis/passes/slog"
	"golang.org/x/tools/go/analysis/passes/stdmethods"
	"golang.org/x/tools/go/analysis/passes/stringintconv"
	"golang.org/x/tools/go/analysis/passes/structtag"
	"golang.org/x/tools/go/analysis/passes/testinggoroutine"
	"golang.org/x/tools/go/analysis/passes/timeformat"
	"golang.org/x/tools/go/analysis/passes/unmarshal"
	"golang.org/x/tools/go/analysis/passes/unreachable"
	"golang.org/x/tools/go/analysis/passes/unusedresult"
)

// passes are those of `go vet` that look at a program; the others look at how it is built.
var passes = []*analysis.Analyzer{
	appends.Analyzer,
	assign.Analyzer,
	atomic.Analyzer,
	bools.Analyzer,
	copylock.Analyzer,
	defers.Analyzer,
	errorsas.Analyzer,
	httpresponse.Analyzer,
	ifaceassert.Analyzer,
	lostcancel.Analyzer,
	nilfunc.Analyzer,
	printf.Analyzer,
	shift.Analyzer,
	sigchanyzer.Analyzer,
	slog.Analyzer,
	stdmethods.Analyzer,
	stringintconv.Analyzer,
	structtag.Analyzer,
	testinggoroutine.Analyzer,
	timeformat.Analyzer,
	unmarshal.Analyzer,
	unreachable.Analyzer,
	unusedresult.Analyzer,
}

// vet runs the passes over a sample without errors.
func vet(sample *sample, pkg *types.Package, info *types.Info) []Diagnostic {
	run := &vetting{sample: sample, pkg: pkg, info: info,
		results: map[*analysis.Analyzer]any{}, facts: map[factKey]analysis.Fact{}}
	for _, pass := range passes {
		run.result(pass)
	}
	return run.found
}

// vetting is one run of the passes over one sample.
type vetting struct {
	sample  *sample
	pkg     *types.Package
	info    *types.Info
	results map[*analysis.Analyzer]any
	facts   map[factKey]analysis.Fact
	found   []Diagnostic
}

type factKey struct {
	object types.Object // nil: of the package
	kind   reflect.Type
}

// result runs a pass, and before it those that it builds on.
func (v *vetting) result(analyzer *analysis.Analyzer) any {
	if result, done := v.results[analyzer]; done {
		return result
	}
	pass := v.pass(analyzer)
	for _, required := range analyzer.Requires {
		pass.ResultOf[required] = v.result(required)
	}
	result, err := analyzer.Run(pass)
	if err != nil {
		panic(fmt.Sprintf("vet %s: %v", analyzer.Name, err))
	}
	v.results[analyzer] = result
	return result
}

func (v *vetting) pass(analyzer *analysis.Analyzer) *analysis.Pass {
	return &analysis.Pass{
		Analyzer:          analyzer,
		Fset:              v.sample.fset,
		Files:             []*ast.File{v.sample.file},
		Pkg:               v.pkg,
		TypesInfo:         v.info,
		TypesSizes:        types.SizesFor("gc", "amd64"),
		ResultOf:          map[*analysis.Analyzer]any{},
		Report:            func(d analysis.Diagnostic) { v.report(analyzer.Name, d) },
		ReadFile:          func(string) ([]byte, error) { return nil, fs.ErrNotExist },
		ImportObjectFact:  v.fact,
		ExportObjectFact:  v.keep,
		ImportPackageFact: func(*types.Package, analysis.Fact) bool { return false },
		ExportPackageFact: func(analysis.Fact) {},
		AllPackageFacts:   func() []analysis.PackageFact { return nil },
		AllObjectFacts:    func() []analysis.ObjectFact { return nil },
	}
}

func (v *vetting) report(rule string, d analysis.Diagnostic) {
	line, column := v.sample.place(d.Pos)
	v.found = append(v.found, Diagnostic{
		Tool: "vet", Rule: rule, Line: line, Column: column, Message: d.Message,
	})
}

// fact copies what is known of an object; of the standard library's nothing is.
func (v *vetting) fact(object types.Object, fact analysis.Fact) bool {
	known, ok := v.facts[factKey{object, reflect.TypeOf(fact)}]
	if ok {
		reflect.ValueOf(fact).Elem().Set(reflect.ValueOf(known).Elem())
	}
	return ok
}

func (v *vetting) keep(object types.Object, fact analysis.Fact) {
	v.facts[factKey{object, reflect.TypeOf(fact)}] = fact
}
