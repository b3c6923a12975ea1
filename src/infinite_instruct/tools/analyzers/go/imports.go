package main

import (
	"errors"
	"go/ast"
	"go/build"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var errUnresolved = errors.New("it is not looked into")

// imports are those of one sample: the standard library's are real, the others stand in for
// packages of which nothing is known, and whose use is never wrong.
type imports struct {
	std        *std
	strange    map[string]*types.Package // by path
	unresolved []string
	refused    []Diagnostic
	dotted     bool  // a strange package is dot-imported: any name may be its
	fault      error // a package of the standard library could not be loaded
}

// Import is asked by the type checker.
func (i *imports) Import(path string) (*types.Package, error) {
	if stranger := i.strange[path]; stranger != nil {
		return stranger, errUnresolved // the checker is silent about a package with an error
	}
	if !i.std.has(path) || isInternal(path) {
		return nil, errUnresolved // it was refused
	}
	return i.std.load(path)
}

// importsOf sorts a file's imports.
func importsOf(sample *sample, std *std) *imports {
	found := &imports{std: std, strange: map[string]*types.Package{}}
	var nameless []string
	taken := map[string]bool{}
	for _, spec := range sample.file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // a fault of syntax
		}
		name := ""
		if spec.Name != nil {
			name = spec.Name.Name
			taken[name] = true
		}
		switch {
		case path == "C":
			found.refuse(sample, spec, "cgo", `import "C" compiles C code, which is not checked here`)
		case std.has(path) && isInternal(path):
			found.refuse(sample, spec, "internal", "use of internal package "+path+" not allowed")
		case std.has(path) && found.isLoaded(path):
			taken[nameOf(path)] = true
		default:
			found.estrange(path, name)
			if name == "" {
				nameless = append(nameless, path)
			}
		}
	}
	found.nameStrangers(nameless, orphans(sample.file, taken))
	return found
}

// isLoaded tells whether a package of the standard library can be looked into. Those for other
// platforms cannot: `syscall/js` is only there for browsers.
func (i *imports) isLoaded(path string) bool {
	_, err := i.std.load(path)
	var elsewhere *build.NoGoError
	if errors.As(err, &elsewhere) {
		return false
	}
	i.fault = errors.Join(i.fault, err)
	return true
}

func (i *imports) estrange(path, name string) {
	i.dotted = i.dotted || name == "."
	if i.strange[path] == nil {
		i.strange[path] = types.NewPackage(path, nameOf(path))
		i.unresolved = append(i.unresolved, path)
	}
}

func (i *imports) refuse(sample *sample, spec *ast.ImportSpec, rule, message string) {
	line, column := sample.place(spec.Path.Pos())
	i.refused = append(i.refused, Diagnostic{
		Tool: "go", Rule: rule, Line: line, Column: column, Message: message,
	})
}

// nameStrangers guesses what the packages behind paths are called, from the names that the file
// uses and does not explain otherwise: `gopkg.in/yaml.v3` is yaml, and only its source tells that
// `github.com/json-iterator/go` is jsoniter. A name that the standard library has is only given
// to a path that speaks of it: it is rather a forgotten import.
func (i *imports) nameStrangers(paths, orphans []string) {
	give := func(fits func(path, orphan string) bool) {
		paths = slices.DeleteFunc(paths, func(path string) bool {
			at := slices.IndexFunc(orphans, func(orphan string) bool { return fits(path, orphan) })
			if at < 0 {
				return false
			}
			i.strange[path] = types.NewPackage(path, orphans[at])
			orphans = slices.Delete(orphans, at, at+1)
			return true
		})
	}
	give(func(path, orphan string) bool { return nameOf(path) == orphan })
	give(func(path, orphan string) bool { return slices.Contains(words(path), orphan) })
	give(func(_, orphan string) bool { return !i.std.names[orphan] })
}

// orphans are the names which stand before a dot and are defined nowhere in the file.
func orphans(file *ast.File, taken map[string]bool) []string {
	undefined := map[*ast.Ident]bool{}
	for _, ident := range file.Unresolved {
		undefined[ident] = true
	}
	var found []string
	ast.Inspect(file, func(node ast.Node) bool {
		selector, ok := node.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		ident, ok := selector.X.(*ast.Ident)
		if ok && undefined[ident] && !taken[ident.Name] && types.Universe.Lookup(ident.Name) == nil {
			taken[ident.Name] = true
			found = append(found, ident.Name)
		}
		return true
	})
	return found
}

var (
	major     = regexp.MustCompile(`^v[0-9]+$`)
	separator = regexp.MustCompile(`[-._/]`)
)

// nameOf is what a package is mostly called: the last element of its path, without a version.
func nameOf(path string) string {
	elements := strings.Split(path, "/")
	last := elements[len(elements)-1]
	if len(elements) > 1 && major.MatchString(last) {
		last = elements[len(elements)-2]
	}
	if before, after, found := strings.Cut(last, "."); found && major.MatchString(after) {
		last = before
	}
	last = strings.TrimSuffix(strings.TrimPrefix(last, "go-"), "-go")
	return strings.ReplaceAll(last, "-", "")
}

// words are the parts of a path, and its elements without their separators.
func words(path string) []string {
	found := separator.Split(path, -1)
	for _, element := range strings.Split(path, "/") {
		found = append(found, separator.ReplaceAllString(element, ""),
			separator.ReplaceAllString(element, "_"))
	}
	return found
}
