"""Java: the JDK's compiler."""
