"""A stand-in for `ssl`: the platform speaks TLS, with visitors and with other hosts, whose certificates it checks. Settings are taken and mean nothing."""
import collections
import enum
import types

from _paas import sockets


class SSLError(OSError):
    library = reason = None


class SSLZeroReturnError(SSLError):
    pass


class SSLWantReadError(SSLError):
    pass


class SSLWantWriteError(SSLError):
    pass


class SSLSyscallError(SSLError):
    pass


class SSLEOFError(SSLError):
    pass


class SSLCertVerificationError(SSLError, ValueError):
    pass


class VerifyMode(enum.IntEnum):
    CERT_NONE = 0
    CERT_OPTIONAL = 1
    CERT_REQUIRED = 2


class TLSVersion(enum.IntEnum):
    MINIMUM_SUPPORTED = -2
    SSLv3 = 768
    TLSv1 = 769
    TLSv1_1 = 770
    TLSv1_2 = 771
    TLSv1_3 = 772
    MAXIMUM_SUPPORTED = -1


class MemoryBIO:
    def __init__(self):
        self.data, self.ended = b"", False

    @property
    def pending(self):
        return len(self.data)

    @property
    def eof(self):
        return self.ended and not self.data

    def read(self, size=-1):
        size = len(self.data) if size is None or size < 0 else size
        data, self.data = self.data[:size], self.data[size:]
        return data

    def write(self, data):
        self.data += bytes(data)
        return len(data)

    def write_eof(self):
        self.ended = True


class SSLObject:
    """TLS over two buffers, as asynchronous clients want it: nothing is enciphered, and the connection below is told to be a secure one."""

    server_side, session, session_reused, server_hostname = False, None, False, None

    def __init__(self, context, incoming, outgoing, server_hostname=None):
        self.context, self.incoming, self.outgoing, self.server_hostname = context, incoming, outgoing, server_hostname

    def do_handshake(self):
        self.outgoing.write(sockets.SECURE)

    def read(self, size=1024, buffer=None):
        data = self.incoming.read(len(buffer) if buffer is not None else size)
        if not data and not self.incoming.eof:
            raise SSLWantReadError("nothing has come yet")
        if buffer is None:
            return data
        buffer[:len(data)] = data
        return len(data)

    def write(self, data):
        return self.outgoing.write(data)

    def pending(self):
        return self.incoming.pending

    def unwrap(self):
        pass

    getpeercert, version, cipher = sockets.Socket.getpeercert, sockets.Socket.version, sockets.Socket.cipher
    selected_alpn_protocol = sockets.Socket.selected_alpn_protocol

    def nothing(self, *_):
        return None

    compression = shared_ciphers = selected_npn_protocol = get_channel_binding = nothing


class SSLSocket:
    """A name to ask after; sockets that were wrapped stay what they are."""


class SSLContext:
    sslsocket_class, sslobject_class = SSLSocket, SSLObject

    def __init__(self, protocol=16):
        self.protocol, self.check_hostname, self.verify_mode = protocol, True, VerifyMode.CERT_REQUIRED
        self.options = self.verify_flags = 0
        self.minimum_version, self.maximum_version = TLSVersion.MINIMUM_SUPPORTED, TLSVersion.MAXIMUM_SUPPORTED
        self.post_handshake_auth, self.keylog_filename, self.sni_callback = False, None, None

    def wrap_socket(self, sock, server_side=False, do_handshake_on_connect=True, suppress_ragged_eofs=True, server_hostname=None, session=None):
        if server_side:
            raise NotImplementedError("An app has no ports here. The platform speaks TLS with visitors.")
        sock.secure, sock.context, sock.server_hostname = True, self, server_hostname
        return sock

    def wrap_bio(self, incoming, outgoing, server_side=False, server_hostname=None, session=None):
        return SSLObject(self, incoming, outgoing, server_hostname)

    def cert_store_stats(self):
        return {"x509": 1, "crl": 0, "x509_ca": 1}

    def get_ca_certs(self, binary_form=False):
        return []

    def session_stats(self):
        return {}

    def ignored(self, *_, **__):
        pass

    load_cert_chain = load_verify_locations = load_default_certs = set_default_verify_paths = load_dh_params = ignored
    set_ciphers = set_alpn_protocols = set_npn_protocols = set_ecdh_curve = set_servername_callback = ignored

    def get_ciphers(self):
        return []


def create_default_context(*_, **__):
    return SSLContext()


def get_default_verify_paths():
    return collections.namedtuple("DefaultVerifyPaths", "cafile capath openssl_cafile_env openssl_cafile openssl_capath_env openssl_capath")(None, None, "SSL_CERT_FILE", "", "SSL_CERT_DIR", "")


NUMBERS = dict(
    PROTOCOL_TLS=2, PROTOCOL_SSLv23=2, PROTOCOL_TLS_CLIENT=16, PROTOCOL_TLS_SERVER=17, PROTOCOL_TLSv1=3, PROTOCOL_TLSv1_1=4, PROTOCOL_TLSv1_2=5,
    OP_ALL=0, OP_NO_SSLv2=0, OP_NO_SSLv3=1 << 25, OP_NO_TLSv1=1 << 26, OP_NO_TLSv1_1=1 << 28, OP_NO_TLSv1_2=1 << 27, OP_NO_TLSv1_3=1 << 29,
    OP_NO_COMPRESSION=1 << 17, OP_NO_TICKET=1 << 14, OP_NO_RENEGOTIATION=1 << 30, OP_IGNORE_UNEXPECTED_EOF=1 << 7, OP_CIPHER_SERVER_PREFERENCE=1 << 22,
    OP_SINGLE_DH_USE=0, OP_SINGLE_ECDH_USE=0, OP_LEGACY_SERVER_CONNECT=4, OP_ENABLE_MIDDLEBOX_COMPAT=1 << 20,
    VERIFY_DEFAULT=0, VERIFY_X509_STRICT=32, VERIFY_X509_TRUSTED_FIRST=1 << 15, VERIFY_X509_PARTIAL_CHAIN=1 << 19, VERIFY_CRL_CHECK_LEAF=4,
    ALERT_DESCRIPTION_HANDSHAKE_FAILURE=40, SSL_ERROR_EOF=8, SSL_ERROR_WANT_READ=2, SSL_ERROR_WANT_WRITE=3, SSL_ERROR_SSL=1, SSL_ERROR_ZERO_RETURN=6,
)


def module():
    made = types.ModuleType("ssl", __doc__)
    names = "SSLError SSLZeroReturnError SSLWantReadError SSLWantWriteError SSLSyscallError SSLEOFError SSLCertVerificationError VerifyMode TLSVersion "
    names += "MemoryBIO SSLObject SSLSocket SSLContext create_default_context get_default_verify_paths"
    vars(made).update({name: globals()[name] for name in names.split()}, **NUMBERS)
    vars(made).update(
        CertificateError=SSLCertVerificationError, CERT_NONE=VerifyMode.CERT_NONE, CERT_OPTIONAL=VerifyMode.CERT_OPTIONAL, CERT_REQUIRED=VerifyMode.CERT_REQUIRED,
        _create_unverified_context=create_default_context, _create_default_https_context=create_default_context, _create_stdlib_context=create_default_context,
        HAS_SNI=True, HAS_ALPN=True, HAS_ECDH=True, HAS_NPN=False, HAS_SSLv2=False, HAS_SSLv3=False, HAS_TLSv1=False, HAS_TLSv1_1=False, HAS_TLSv1_2=True,
        HAS_TLSv1_3=True, HAS_NEVER_CHECK_COMMON_NAME=True, HAS_PSK=False, OPENSSL_VERSION="OpenSSL 3.0.0 (in its place: the platform)",
        OPENSSL_VERSION_NUMBER=0x30000000, OPENSSL_VERSION_INFO=(3, 0, 0, 0, 0), _OPENSSL_API_VERSION=(3, 0, 0, 0, 0), CHANNEL_BINDING_TYPES=[],
        Purpose=types.SimpleNamespace(SERVER_AUTH="server", CLIENT_AUTH="client"),
    )
    return made
