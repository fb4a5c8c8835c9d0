"""Modules that an earlier boot of this app compiled are not compiled again: compiling takes longer than all the rest of an import."""
import marshal
import sys
from importlib.machinery import BYTECODE_SUFFIXES, SOURCE_SUFFIXES, FileFinder, SourceFileLoader, SourcelessFileLoader

from wit_world.imports import bytecode

from _paas import late


class Loader(SourceFileLoader):
    def get_code(self, fullname):
        if not late.booting:
            return super().get_code(fullname)
        path = self.get_filename(fullname)
        source = self.get_data(path)
        kept = bytecode.find(path, source)
        if kept is not None:
            return marshal.loads(kept)
        code = self.source_to_code(source, path)
        bytecode.keep(path, source, marshal.dumps(code))
        return code


def install():
    """In place of CPython's own finder of files, which comes last."""
    sys.path_hooks[-1] = FileFinder.path_hook((Loader, SOURCE_SUFFIXES), (SourcelessFileLoader, BYTECODE_SUFFIXES))
    sys.path_importer_cache.clear()
