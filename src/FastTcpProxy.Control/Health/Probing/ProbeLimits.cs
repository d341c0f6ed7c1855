using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// The most that one probe takes from an origin, so that a bad origin costs no more than a good one with a long answer. Reaching one of
/// them ends the probe as <see cref="ProbeFailure.TooLarge"/>.
/// </summary>
internal static class ProbeLimits
{
    /// <summary>
    /// The head of an HTTP answer with all 1xx heads before it, in bytes. Servers write some hundred; proxies' usual bound is 8 to 16 KiB.
    /// </summary>
    public const int HeadBytesMax = 16 * 1024;

    /// <summary>The part of a body, or of a TCP server's answer, that is searched, in bytes. A health page is one line, a status page some
    /// kilobytes.</summary>
    public const int ContentBytesMax = 64 * 1024;

    /// <summary>
    /// What TLS adds, in bytes: certificates (the bound of usual servers and of OpenSSL's <c>SSL_CTX_set_max_cert_list</c> is 100 KiB, real
    /// chains take 3 to 8) and 22 bytes or more for each record.
    /// </summary>
    public const int TlsBytesMax = 64 * 1024;

    /// <summary>All that is read from a connection without TLS, the framing of chunks included, in bytes.</summary>
    public const int PlainBytesMax = HeadBytesMax + ContentBytesMax;

    /// <summary>All that is read from a connection with TLS, in bytes.</summary>
    public const int EncryptedBytesMax = PlainBytesMax + TlsBytesMax;

    /// <summary>
    /// The characters that a regular expression goes over while content still comes, in all; after them it waits until what there is has
    /// doubled. So a drip of single bytes costs at most this and twice <see cref="ContentBytesMax"/> more.
    /// </summary>
    public const int EagerMatchCharsMax = 4 * ContentBytesMax;

    /// <summary>
    /// A wake that comes later than this ends a gap: the process was stopped, or had no processor, and the time is not the upstreams'.
    /// </summary>
    public static readonly TimeSpan Gap = TimeSpan.FromMilliseconds(200);
}
