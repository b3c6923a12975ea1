package main

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
)

// clause makes a package of a text without one; on the same line, so that lines stay what they are.
const clause = "package main; "

// A sample is one text, read. Its positions are its own: the library is loaded at the same time.
type sample struct {
	fset    *token.FileSet
	file    *ast.File
	source  *token.File
	clauses int // bytes that were put in front
}

// read parses a text. Models often answer with declarations only: then a package clause is
// assumed, which the finding MissingPackage tells.
func read(text string) (*sample, error) {
	s := &sample{fset: token.NewFileSet()}
	if isBare(text) {
		text, s.clauses = clause+text, len(clause)
	}
	first := token.Pos(s.fset.Base())
	file, err := parser.ParseFile(s.fset, "sample.go", text, 0)
	s.file, s.source = file, s.fset.File(first)
	return s, err
}

// isBare tells whether a text begins with a declaration instead of a package clause.
func isBare(text string) bool {
	var tokens scanner.Scanner
	fset := token.NewFileSet()
	tokens.Init(fset.AddFile("", -1, len(text)), []byte(text), nil, 0)
	switch _, first, _ := tokens.Scan(); first {
	case token.IMPORT, token.CONST, token.TYPE, token.VAR, token.FUNC:
		return true
	default:
		return false
	}
}

// place is where something stands, whatever `//line` comments say.
func (s *sample) place(pos token.Pos) (line, column int) {
	if !pos.IsValid() || int(pos) < s.source.Base() || int(pos) > s.source.Base()+s.source.Size() {
		return 0, 0
	}
	at := s.source.PositionFor(pos, false)
	if at.Line == 1 {
		at.Column = max(1, at.Column-s.clauses)
	}
	return at.Line, at.Column
}
