package verify;

import com.sun.tools.javac.api.ClientCodeWrapper.Trusted;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import javax.lang.model.SourceVersion;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** All that javac may read: the JDK. There is no class path, no processor, and no output. */
@Trusted
final class Platform extends ForwardingJavaFileManager<JavaFileManager> {
    private static final List<String> WELL_KNOWN =
            List.of(
                    "java.io", "java.math", "java.nio.file", "java.time", "java.util",
                    "java.util.concurrent", "java.util.function", "java.util.stream");

    private final Set<String> packages =
            ModuleFinder.ofSystem().findAll().stream()
                    .map(ModuleReference::descriptor)
                    .flatMap(module -> module.packages().stream())
                    .collect(Collectors.toUnmodifiableSet());

    Platform() {
        super(
                ToolProvider.getSystemJavaCompiler()
                        .getStandardFileManager(null, null, StandardCharsets.UTF_8));
    }

    /** Whether the JDK has the package, exported or not. */
    boolean has(String packageName) {
        return packages.contains(packageName);
    }

    /** Whether a class of that name is in one of the packages that most programs import from. */
    boolean isWellKnown(String className) {
        return SourceVersion.isIdentifier(className)
                && WELL_KNOWN.stream().anyMatch(name -> exists(name + "." + className));
    }

    private static boolean exists(String className) {
        try {
            return Modifier.isPublic(Class.forName(className, false, null).getModifiers());
        } catch (ClassNotFoundException | LinkageError none) {
            return false;
        }
    }

    @Override
    public boolean hasLocation(Location location) {
        return isOurs(location) && super.hasLocation(location);
    }

    @Override
    public Iterable<JavaFileObject> list(
            Location location, String packageName, Set<JavaFileObject.Kind> kinds, boolean recurse)
            throws java.io.IOException {
        return isOurs(location) ? super.list(location, packageName, kinds, recurse) : List.of();
    }

    @Override
    public JavaFileObject getJavaFileForInput(
            Location location, String className, JavaFileObject.Kind kind)
            throws java.io.IOException {
        return isOurs(location) ? super.getJavaFileForInput(location, className, kind) : null;
    }

    @Override
    public FileObject getFileForInput(Location location, String packageName, String relativeName) {
        return null;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
            Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
        throw new IllegalStateException("nothing is written");
    }

    @Override
    public FileObject getFileForOutput(
            Location location, String packageName, String relativeName, FileObject sibling) {
        throw new IllegalStateException("nothing is written");
    }

    @Override
    public ClassLoader getClassLoader(Location location) {
        return null;
    }

    @Override
    public <S> ServiceLoader<S> getServiceLoader(Location location, Class<S> service) {
        return ServiceLoader.load(service, ClassLoader.getPlatformClassLoader());
    }

    @Override
    public boolean isSameFile(FileObject one, FileObject other) {
        return one == other;
    }

    private static boolean isOurs(Location location) {
        return location == StandardLocation.SYSTEM_MODULES
                || location == StandardLocation.PLATFORM_CLASS_PATH
                || !(location instanceof StandardLocation); // a module of the JDK
    }
}
