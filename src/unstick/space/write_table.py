"""Calls of Python libraries that write to a path: which argument it is, and what kind of thing is written.

Kinds: 'file' and 'folder' are what they say; 'database' is a SQLite file or the like; 'index' a vector or
key-value store in a folder; 'model' a download that the app needs; 'log' a log file; 'picture' a writer that
returns False instead of raising.
"""

from __future__ import annotations

from unstick.record import NamedTuple


class WriteCall(NamedTuple):
    """One call. `name` is the last part of the dotted name, `owner` what must stand before it ('' for
    anything, '|' separates
    alternatives). `position` is the argument's number (-1: the object itself), `keyword` its name.
    """

    name: str
    owner: str
    position: int
    keyword: str
    kind: str


WRITE_CALLS: tuple[WriteCall, ...] = (
    WriteCall("makedirs", "os", 0, "name", "folder"),
    WriteCall("mkdir", "os", 0, "path", "folder"),
    WriteCall("write_text", "", -1, "", "file"),
    WriteCall("write_bytes", "", -1, "", "file"),
    WriteCall("touch", "", -1, "", "file"),
    WriteCall("copy", "shutil", 1, "dst", "file"),
    WriteCall("copy2", "shutil", 1, "dst", "file"),
    WriteCall("copyfile", "shutil", 1, "dst", "file"),
    WriteCall("copytree", "shutil", 1, "dst", "folder"),
    WriteCall("move", "shutil", 1, "dst", "file"),
    WriteCall("unpack_archive", "shutil", 1, "extract_dir", "folder"),
    WriteCall("make_archive", "shutil", 0, "base_name", "file"),
    WriteCall("rename", "os", 1, "dst", "file"),
    WriteCall("replace", "os", 1, "dst", "file"),
    WriteCall("connect", "sqlite3|aiosqlite|sqlite|apsw", 0, "database", "database"),
    WriteCall("connect", "duckdb", 0, "database", "database"),
    WriteCall("connect", "lancedb", 0, "uri", "index"),
    WriteCall("create_engine", "", 0, "url", "database"),
    WriteCall("create_async_engine", "", 0, "url", "database"),
    WriteCall("Database", "databases", 0, "url", "database"),
    WriteCall("config", "dj_database_url", -2, "default", "database"),
    WriteCall("parse", "dj_database_url", 0, "url", "database"),
    WriteCall("from_uri", "SQLDatabase", 0, "database_uri", "database"),
    WriteCall("SqliteSaver", "", 0, "conn", "database"),
    WriteCall("from_conn_string", "SqliteSaver|AsyncSqliteSaver", 0, "conn_string", "database"),
    WriteCall("SqliteDatabase", "", 0, "database", "database"),
    WriteCall("TinyDB", "", 0, "path", "database"),
    WriteCall("open", "shelve|dbm", 0, "filename", "database"),
    WriteCall("PersistentClient", "", 0, "path", "index"),
    WriteCall("QdrantClient", "", -2, "path", "index"),
    WriteCall("Chroma", "", -2, "persist_directory", "index"),
    WriteCall("from_documents", "Chroma", -2, "persist_directory", "index"),
    WriteCall("from_texts", "Chroma", -2, "persist_directory", "index"),
    WriteCall("write_index", "faiss", 1, "fname", "index"),
    WriteCall("save_local", "", 0, "folder_path", "index"),
    WriteCall("persist", "", 0, "persist_dir", "index"),
    WriteCall("Cache", "diskcache", 0, "directory", "index"),
    WriteCall("to_csv", "", 0, "path_or_buf", "file"),
    WriteCall("to_excel", "", 0, "excel_writer", "file"),
    WriteCall("to_parquet", "", 0, "path", "file"),
    WriteCall("to_json", "", 0, "path_or_buf", "file"),
    WriteCall("to_pickle", "", 0, "path", "file"),
    WriteCall("to_html", "", 0, "buf", "file"),
    WriteCall("ExcelWriter", "", 0, "path", "file"),
    WriteCall("savefig", "", 0, "fname", "file"),
    WriteCall("write_html", "", 0, "file", "file"),
    WriteCall("write_image", "", 0, "file", "file"),
    WriteCall("dump", "joblib", 1, "filename", "file"),
    WriteCall("save", "torch", 1, "f", "file"),
    WriteCall("save", "np|numpy", 0, "file", "file"),
    WriteCall("savez", "np|numpy", 0, "file", "file"),
    WriteCall("savetxt", "np|numpy", 0, "fname", "file"),
    WriteCall("save_pretrained", "", 0, "save_directory", "folder"),
    WriteCall("imwrite", "", 0, "filename", "picture"),
    WriteCall("VideoWriter", "cv2", 0, "filename", "picture"),
    WriteCall("save", "", 0, "fp", "saved"),
    WriteCall("output", "", 0, "name", "saved"),
    WriteCall("write_videofile", "", 0, "filename", "file"),
    WriteCall("write_audiofile", "", 0, "filename", "file"),
    WriteCall("export", "", 0, "out_f", "saved"),
    WriteCall("write", "sf|soundfile", 0, "file", "file"),
    WriteCall("write", "wavfile|scipy.io.wavfile", 0, "filename", "file"),
    WriteCall("save", "torchaudio", 0, "uri", "file"),
    WriteCall("FileHandler", "", 0, "filename", "log"),
    WriteCall("RotatingFileHandler", "", 0, "filename", "log"),
    WriteCall("TimedRotatingFileHandler", "", 0, "filename", "log"),
    WriteCall("basicConfig", "logging", -2, "filename", "log"),
    WriteCall("add", "logger", 0, "sink", "log"),
    WriteCall("urlretrieve", "", 1, "filename", "model"),
    WriteCall("download", "gdown", 1, "output", "model"),
    WriteCall("snapshot_download", "", -2, "local_dir", "model"),
    WriteCall("hf_hub_download", "", -2, "local_dir", "model"),
    WriteCall("snapshot_download", "", -2, "cache_dir", "model"),
    WriteCall("hf_hub_download", "", -2, "cache_dir", "model"),
    WriteCall("from_pretrained", "", -2, "cache_dir", "model"),
    WriteCall("SentenceTransformer", "", -2, "cache_folder", "model"),
    WriteCall("load_model", "whisper", -2, "download_root", "model"),
    WriteCall("WhisperModel", "", -2, "download_root", "model"),
    WriteCall("CommitScheduler", "", -2, "folder_path", "folder"),
    WriteCall("FileSystemCache", "", 0, "cache_dir", "folder"),
    WriteCall("Memory", "joblib", 0, "location", "folder"),
    WriteCall("init", "pyngrok", 0, "path", "file"),
)

MIXED = frozenset(
    ("save", "output", "export", "write", "persist", "add", "open", "Database", "Cache", "Memory")
)
"""Names that mean many things: only a path that is known to the last folder counts."""
