using System.Buffers;
using System.Text;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Health.Model;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// Tells from a probe's result whether the server wants a PROXY header that it did not get, or got one that it does not want. Pure
/// functions, any thread.
/// </summary>
internal static class HeaderSignRule
{
    /// <summary>The beginning of an answer that is looked at, in bytes: a greeting and the complaint that follows it.</summary>
    public const int AnswerBytesMax = 512;

    /// <summary>What no server answers but one that has taken the header for a part of its own protocol.</summary>
    private static readonly SearchValues<string> Repeated =
        SearchValues.Create(["PROXY TCP4", "PROXY TCP6", "PROXY UNKNOWN", "\r\n\r\n\0\r\nQUIT\n"], StringComparison.Ordinal);

    /// <summary>How servers complain of a line that they do not know: SMTP, IMAP, POP3, SSH, HTTP, MariaDB, Redis.</summary>
    private static readonly SearchValues<string> Complaints = SearchValues.Create(
        [
            "unrecognized", "not recognized", "unrecognised", "unknown command", "bad syntax", "syntax error", "command unknown",
            "error in imap command", "invalid ssh identification", "protocol mismatch", "bad request", "proxy header",
        ],
        StringComparison.OrdinalIgnoreCase);

    /// <param name="sent">The header of the probe.</param>
    /// <param name="failure">Null: the probe was good.</param>
    /// <param name="received">The bytes that came.</param>
    /// <param name="answer">The first of them, where a header was sent.</param>
    public static HeaderSign Of(CheckProxyHeader sent, ProbeFailure? failure, int received, ReadOnlySpan<byte> answer)
    {
        bool closedAtOnce = failure == ProbeFailure.Disconnected && received == 0;
        if (sent == CheckProxyHeader.None) return closedAtOnce ? HeaderSign.Missing : HeaderSign.None;
        return closedAtOnce || Complains(failure, answer) ? HeaderSign.Unwanted : HeaderSign.None;
    }

    private static bool Complains(ProbeFailure? failure, ReadOnlySpan<byte> answer)
    {
        if (answer.IsEmpty) return false;
        // By default a check takes the status 400 for a good one.
        if (answer.StartsWith("HTTP/1.1 400"u8) || answer.StartsWith("HTTP/1.0 400"u8)) return true;
        string text = Encoding.Latin1.GetString(answer);
        return text.AsSpan().ContainsAny(Repeated) || (failure is not null && text.AsSpan().ContainsAny(Complaints));
    }
}
