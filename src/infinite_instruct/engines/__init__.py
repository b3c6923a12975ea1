"""Worker processes: rows, calls and analyzers beside the driver, which alone decides and writes."""
