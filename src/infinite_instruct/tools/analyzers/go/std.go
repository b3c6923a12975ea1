package main

import (
	"go/build"
	"go/constant"
	"go/importer"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// common are loaded while the first samples are waited for, the most used ones first.
var common = strings.Fields(`fmt strings sort math strconv errors os time sync bufio bytes io
	math/rand unicode regexp slices maps context encoding/json container/heap sync/atomic log
	reflect net/http testing text/template database/sql math/big crypto/sha256 flag`)

// barred are the folders of GOROOT whose packages nobody may import.
var barred = []string{"builtin", "cmd", "testdata", "vendor"}

// std is the standard library, loaded from GOROOT's sources as samples import it.
type std struct {
	root     string
	mutex    sync.Mutex
	importer types.Importer
	loaded   map[string]loaded // the importer would look into the folder each time
	onLoad   func()            // called after the work of loading one package, and those that it needs
	paths    map[string]bool   // of all its packages, also of those that only it may import
	names    map[string]bool   // the last elements of the paths that anybody may import
}

// loaded is what came of importing a package.
type loaded struct {
	pkg *types.Package
	err error
}

func newStd() (*std, error) {
	build.Default.CgoEnabled = false
	root, err := filepath.EvalSymlinks(filepath.Join(build.Default.GOROOT, "src"))
	if err != nil {
		return nil, err
	}
	s := &std{
		root:     root,
		importer: importer.ForCompiler(token.NewFileSet(), "source", nil),
		loaded:   map[string]loaded{},
		onLoad:   func() {},
		paths:    map[string]bool{},
		names:    map[string]bool{},
	}
	return s, filepath.WalkDir(s.root, s.note)
}

// note takes down a folder of the standard library as a package, if it is one.
func (s *std) note(path string, entry fs.DirEntry, err error) error {
	switch {
	case err != nil:
		return err
	case entry.IsDir() && slices.Contains(barred, entry.Name()):
		return filepath.SkipDir
	case entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
		return nil
	}
	folder, err := filepath.Rel(s.root, filepath.Dir(path))
	folder = filepath.ToSlash(folder)
	s.paths[folder] = true
	if !isInternal(folder) {
		s.names[nameOf(folder)] = true
	}
	return err
}

// has tells whether a path is one of the standard library's packages.
func (s *std) has(path string) bool {
	return path == "unsafe" || s.paths[path]
}

func (s *std) load(path string) (*types.Package, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	known, ok := s.loaded[path]
	if !ok {
		known.pkg, known.err = s.importer.Import(path)
		s.loaded[path] = known
		s.onLoad()
	}
	return known.pkg, known.err
}

func (s *std) prime() {
	for _, path := range common {
		if s.has(path) {
			_, _ = s.load(path) // whoever imports it is told
		}
	}
}

// codes are the names of the type checker's error codes: its own package knows them.
func (s *std) codes() (map[int64]string, error) {
	known, err := s.load("internal/types/errors")
	if err != nil {
		return nil, err
	}
	codes := map[int64]string{}
	for _, name := range known.Scope().Names() {
		code, ok := known.Scope().Lookup(name).(*types.Const)
		if ok && code.Val().Kind() == constant.Int {
			number, _ := constant.Int64Val(code.Val())
			codes[number] = name
		}
	}
	return codes, nil
}

// isInternal tells whether a path has the element that keeps others from importing it.
func isInternal(path string) bool {
	return slices.Contains(strings.Split(path, "/"), "internal")
}
