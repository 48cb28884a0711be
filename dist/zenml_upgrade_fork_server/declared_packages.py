"""Finds the files of a repository that declare a package."""

import os
import re

from .repository_search import files_of, repository_of

# Packages that are not called like their module; `sentence_transformers` and the like need no
# entry, because the names of packages treat `_` and `-` alike.
PACKAGES = {
    "Crypto": "pycryptodome",
    "MySQLdb": "mysqlclient",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "decouple": "python-decouple",
    "dns": "dnspython",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "fitz": "pymupdf",
    "git": "gitpython",
    "github": "pygithub",
    "google.protobuf": "protobuf",
    "hydra": "hydra-core",
    "imblearn": "imbalanced-learn",
    "jose": "python-jose",
    "jwt": "pyjwt",
    "kafka": "kafka-python",
    "magic": "python-magic",
    "nacl": "pynacl",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "snowflake": "snowflake-connector-python",
    "umap": "umap-learn",
    "websocket": "websocket-client",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
# Packages that have the same module.
ALTERNATIVES = {
    "faiss-cpu": ["faiss-gpu"],
    "opencv-python": ["opencv-python-headless", "opencv-contrib-python"],
    "psycopg2-binary": ["psycopg2"],
}
LOCK_FILE = re.compile(r"(?:uv|poetry)\.lock|pylock(?:\..+)?\.toml")
DECLARING_FILE = re.compile(
    rf"{LOCK_FILE.pattern}|pyproject\.toml|[\w.-]*requirements[\w.-]*\.(?:txt|in)"
)
INCLUDE = re.compile(r"^\s*(?:-r|--requirement)[\s=]\s*([^\s#]+)", re.MULTILINE)


def is_lock_file(file):
    return LOCK_FILE.fullmatch(os.path.basename(file)) is not None


def packages_of(module):
    """Names of the packages that may have a module, normalised, the likeliest first."""
    parts = module.split(".")
    parents = [".".join(parts[:length]) for length in range(len(parts), 0, -1)]
    names = []
    for name in parents:
        package = PACKAGES.get(name)
        names += [package, *ALTERNATIVES.get(package, [])] if package else [normalised(name)]
    return names


def normalised(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def listed_files(root, requirements):
    """Absolute paths of requirement files, with those that they include."""
    listed, queue = set(), [os.path.normpath(os.path.join(root, file)) for file in requirements]
    while queue:
        path = queue.pop()
        if path not in listed:
            listed.add(path)
            includes = INCLUDE.findall(text_of(path))
            queue += [
                os.path.normpath(os.path.join(os.path.dirname(path), one)) for one in includes
            ]
    return listed


def declaring_files(root, packages):
    """Pairs of a package and a file of the repository that declares it, the nearest file first.

    Paths are relative to the source root.
    """
    repository = repository_of(root)
    return [
        (package, file)
        for file in nearest_first(root, repository, files_of(repository))
        for package in packages
        if declares(text_of(os.path.join(root, file)), package)
    ]


def nearest_first(root, repository, files):
    """Files that declare packages, relative to the source root; in a directory the lock file first.

    Those of another project of the repository are left out.
    """
    declaring = [
        os.path.relpath(os.path.join(repository, file), root)
        for file in files
        if DECLARING_FILE.fullmatch(os.path.basename(file))
        or re.search(r"(?:^|/)requirements/[^/]+\.txt$", file)
    ]
    return sorted(
        filter(is_of_source, declaring),
        key=lambda file: (file.count(os.sep), not is_lock_file(file), file),
    )


def is_of_source(file):
    """Whether a file is below the source root, or belongs to a directory that contains the root."""
    owned = re.sub(r"^(?:\.\./)+", "", file)
    return owned == file or "/" not in owned or owned.startswith("requirements/")


def declares(text, package):
    """Whether a requirements file, `pyproject.toml` or lock file has a package of this name."""
    name = re.escape(package).replace(r"\-", "[-_.]+")
    declared = re.compile(rf"(?:^|[\"'])\s*{name}\s*(?:$|[\"'\[<>=!~;,@( ])", re.IGNORECASE)
    table = ""
    for line in text.splitlines():
        header = re.match(r"\[+([^\]\"']*)\]", line)
        table = header[1] if header else table
        # Tables of tools name packages for other ends.
        if table.startswith("tool.") and "dependencies" not in table:
            continue
        if not line.lstrip().startswith("#") and declared.search(line):
            return True
    return False


def text_of(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
