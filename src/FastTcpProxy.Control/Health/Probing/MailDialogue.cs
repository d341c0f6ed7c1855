using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace FastTcpProxy.Control.Health.Probing;

/// <summary>
/// What mail servers are asked: a greeting, and a way out that they do not log as a lost connection. A server that says no keeps the
/// connection and waits for the client to leave (RFC 5321, section 3.1), so its first line ends the check. Pure functions, any thread.
/// </summary>
internal static class MailDialogue
{
    public static ImmutableArray<DialogueStep> Smtp(string? helo) =>
    [
        SmtpReply("greeting", "220"),
        Send("EHLO", $"EHLO {Introduce(helo)}\r\n"), SmtpReply("EHLO", "250"),
        Send("QUIT", "QUIT\r\n"), SmtpReply("QUIT", "221"),
    ];

    // RFC 9051, sections 7.1 and 6.1.3: the answer to the command follows the BYE.
    public static ImmutableArray<DialogueStep> Imap { get; } =
    [
        Reply("greeting", "IMAP", static line => Begins(line, "* OK") || Begins(line, "* PREAUTH") ? LineKind.Yes
            : Begins(line, "* BYE") ? LineKind.No : LineKind.Foreign),
        Send("LOGOUT", "a LOGOUT\r\n"),
        Reply("LOGOUT", "IMAP", static line => Begins(line, "a OK") ? LineKind.Yes
            : Begins(line, "a ") ? LineKind.No : Begins(line, "* ") ? LineKind.Goes : LineKind.Foreign),
    ];

    // RFC 1939, section 3.
    public static ImmutableArray<DialogueStep> Pop3 { get; } =
        [Pop3Reply("greeting"), Send("QUIT", "QUIT\r\n"), Pop3Reply("QUIT")];

    /// <summary>What a line means for the step that waits for it.</summary>
    private enum LineKind
    {
        Foreign,
        Goes,
        Yes,
        No,
    }

    private delegate LineKind LineRule(ReadOnlySpan<byte> line);

    private static PacketStep SmtpReply(string name, string code) => Reply(name, "SMTP", line => Judge(line, code));

    private static PacketStep Pop3Reply(string name) => Reply(name, "POP3", static line =>
        Begins(line, "+OK") ? LineKind.Yes : Begins(line, "-ERR") ? LineKind.No : LineKind.Foreign);

    /// <summary>The last line of a reply has a space, or nothing, behind its code (RFC 5321, section 4.2.1).</summary>
    private static LineKind Judge(ReadOnlySpan<byte> line, string code)
    {
        if (line.Length < 3 || line[..3].ContainsAnyExceptInRange((byte)'0', (byte)'9')) return LineKind.Foreign;
        if (line.Length > 3 && line[3] is not ((byte)' ' or (byte)'-')) return LineKind.Foreign;
        if (!Begins(line, code)) return LineKind.No;
        return line.Length > 3 && line[3] == (byte)'-' ? LineKind.Goes : LineKind.Yes;
    }

    private static PacketStep Reply(string name, string protocol, LineRule rule) => new(name, received =>
    {
        ReadOnlySpan<byte> rest = received;
        while (rest.IndexOf((byte)'\n') is var end and >= 0)
        {
            ReadOnlySpan<byte> line = rest[..end].TrimEnd((byte)'\r');
            switch (rule(line))
            {
                case LineKind.Yes: return PacketReply.Done();
                case LineKind.No: return PacketReply.Refused($"the server refuses: {ProbeText.Quote(line)}");
                case LineKind.Foreign: return PacketReply.Foreign(protocol, rest);
            }
            rest = rest[(end + 1)..];
        }
        return PacketReply.Wait;
    });

    private static bool Begins(ReadOnlySpan<byte> line, string word) =>
        line.Length >= word.Length && Ascii.EqualsIgnoreCase(line[..word.Length], word);

    private static SendStep Send(string name, string text) => new(name, Encoding.ASCII.GetBytes(text));

    /// <summary>A DNS name as it is, an address as a literal (RFC 5321, section 4.1.3).</summary>
    private static string Introduce(string? helo) => helo is null ? "localhost"
        : !IPAddress.TryParse(helo, out IPAddress? address) ? helo
        : address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[IPv6:{address}]" : $"[{address}]";
}
