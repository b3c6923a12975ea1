package main

import (
	"go/build"
	"go/constant"
	"go/importer"
	"go/token"
	"go/types"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
)

// common are loaded while the first samples are waited for, the most used ones first.
var common = strings.Fields(`fmt strings sort math strconv errors os time sync bufio bytes io
	math/rand unicode regexp slices maps context encoding/json container/heap sync/atomic log
	reflect net/http testing text/template database/sql math/big crypto/sha256 flag`)

// std is the standard library, loaded from GOROOT's sources as samples import it.
type std struct {
	root     string
	mutex    sync.Mutex
	importer types.Importer
	loaded   map[string]bool
	onLoad   func()          // called after the work of loading one package, and those that it needs
	paths    map[string]bool // of all its packages, also of those that only it may import
	names    map[string]bool // the last elements of the paths that anybody may import
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
		loaded:   map[string]bool{},
		onLoad:   func() {},
		paths:    map[string]bool{},
		names:    map[string]bool{},
	}
	return s, filepath.WalkDir(s.root, s.note)
}

// note takes down a folder of the standard library as a package, if it is one.
func (s *std) note(path string, entry fs.DirEntry, err error) error {
	if err != nil || !entry.IsDir() {
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			relative, _ := filepath.Rel(s.root, filepath.Dir(path))
			s.paths[relative] = true
		}
		return err
	}
	switch entry.Name() {
	case "cmd", "vendor", "testdata", "builtin":
		return filepath.SkipDir
	}
	if !isInternal(path) {
		s.names[entry.Name()] = true
	}
	return nil
}

// has tells whether a path is one of the standard library's packages.
func (s *std) has(path string) bool {
	return path == "unsafe" || s.paths[path]
}

func (s *std) load(path string) (*types.Package, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.loaded[path] {
		defer s.onLoad()
		s.loaded[path] = true
	}
	return s.importer.Import(path)
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
	for _, element := range strings.Split(filepath.ToSlash(path), "/") {
		if element == "internal" {
			return true
		}
	}
	return false
}
