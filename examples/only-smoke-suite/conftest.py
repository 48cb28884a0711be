# Its place tells pytest that the package pipelines is importable from here.
