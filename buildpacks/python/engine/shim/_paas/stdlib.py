"""The standard library as apps find it: mostly imported already, and complete but for what nobody can have here."""
import importlib

from _paas import stand_ins

stand_ins.install()

# What web frameworks import. It becomes a part of the engine's memory, so that an app's boot need not read and compile it.
PRELOADED = """
abc argparse array ast asyncio base64 binascii bisect calendar cgitb collections.abc colorsys concurrent.futures concurrent.futures.thread configparser
contextlib contextvars copy copyreg csv dataclasses datetime decimal difflib dis email.generator email.header email.headerregistry email.message
email.mime.application email.mime.audio email.mime.base email.mime.image email.mime.message email.mime.multipart email.mime.text email.parser email.policy
email.utils enum errno filecmp fnmatch fractions functools gc getpass gettext glob graphlib gzip hashlib heapq hmac html html.entities html.parser
http.client http.cookiejar http.cookies http.server importlib.metadata importlib.resources importlib.util inspect io ipaddress itertools json keyword linecache locale logging
logging.config logging.handlers math mimetypes numbers operator optparse os pathlib pickle pkgutil platform posixpath pprint queue quopri random re reprlib
secrets select selectors shlex shutil signal smtplib socket socketserver sqlite3 ssl stat statistics string string.templatelib stringprep struct subprocess symtable sys sysconfig
tarfile tempfile textwrap threading time timeit token tokenize tomllib traceback types typing unicodedata unittest unittest.mock urllib.error urllib.parse
urllib.request urllib.response uuid warnings weakref wsgiref.handlers wsgiref.headers wsgiref.simple_server wsgiref.util wsgiref.validate xml.dom.minidom
xml.etree.ElementTree xml.sax xml.sax.saxutils xmlrpc.client zipfile zipimport zlib zoneinfo
encodings.ascii encodings.idna encodings.latin_1 encodings.utf_8_sig encodings.utf_16 encodings.cp1252 encodings.punycode
"""

for name in PRELOADED.split():
    try:
        importlib.import_module(name)
    except ImportError:
        pass  # this library is built without it
