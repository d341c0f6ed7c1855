using System.Net;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Control.Configuration.Reading;

namespace FastTcpProxy.Control.Configuration.Kinds;

/// <summary>Where a log goes: a stream of the process, a file, or a syslog socket. Immutable, any thread.</summary>
/// <param name="withFile">Whether it may be a file.</param>
/// <param name="streams">The streams of the process that it may be, the default first.</param>
internal sealed class TargetKind(bool withFile, params LogTarget[] streams) : TextKind<LogTarget>
{
    private const string FilePrefix = "file:", SyslogPrefix = "syslog:";

    public override string Expected => string.Join(", ",
    [
        .. streams.Select(stream => $"\"{stream.Text}\""),
        .. withFile ? ["\"file:/path\""] : Array.Empty<string>(),
        "\"syslog:/path\" or \"syslog:address:port\"",
    ]);

    public override LogTarget Fallback => streams[0];

    protected override string? Pattern => $"^({string.Join('|', streams.Select(stream => stream.Text))}"
        + (withFile ? $"|{FilePrefix}{Patterns.Path(ConfigurationLimits.PathBytesMax)}" : "")
        + $"|{SyslogPrefix}({Patterns.Path(ConfigurationLimits.SocketPathBytesMax)}|{Patterns.AddressAndPort}))$";

    protected override TextCorrection Correct(string text) => text switch
    {
        "syslog" or "/dev/log" => new TextCorrection("a syslog socket has its path with it", "syslog:/dev/log"),
        "journal" or "systemd" when streams.Contains(LogTarget.Journal) => new TextCorrection(null, LogTarget.Journal.Text),
        _ when withFile && PathKind.Refusal(text, ConfigurationLimits.PathBytesMax) is null =>
            new TextCorrection("a path alone does not say whether it is a file or a socket", FilePrefix + text, SyslogPrefix + text),
        _ => base.Correct(text),
    };

    public override bool TryParse(string text, out LogTarget value, out ValueFault fault)
    {
        fault = default;
        value = Fallback;
        if (Array.Find(streams, stream => stream.Text == text) is { } stream)
        {
            value = stream;
            return true;
        }
        if (withFile && text.StartsWith(FilePrefix, StringComparison.Ordinal))
            return ReadPath(text, LogTargetKind.File, text[FilePrefix.Length..], ConfigurationLimits.PathBytesMax, ref value, out fault);
        if (!text.StartsWith(SyslogPrefix, StringComparison.Ordinal))
        {
            fault = ValueFault.Malformed();
            return false;
        }
        string place = text[SyslogPrefix.Length..];
        return place.StartsWith('/')
            ? ReadPath(text, LogTargetKind.Syslog, place, ConfigurationLimits.SocketPathBytesMax, ref value, out fault)
            : ReadAddress(text, place, ref value, out fault);
    }

    private static bool ReadPath(string text, LogTargetKind kind, string path, int bytesMax, ref LogTarget value, out ValueFault fault)
    {
        string? why = PathKind.Refusal(path, bytesMax);
        fault = ValueFault.Malformed(why);
        if (why is null) value = new LogTarget(kind, text) { Path = path };
        return why is null;
    }

    private static bool ReadAddress(string text, string place, ref LogTarget value, out ValueFault fault)
    {
        fault = default;
        if (AddressSyntax.Split(place, out string host, out int port, out bool bracketed) is { } wrong)
        {
            fault = wrong;
            return false;
        }
        string? why = AddressSyntax.ParseIp(host, out IPAddress address, out bool numeric);
        if (why is not null && !numeric) why = "a syslog server is named by its IP address";
        if (why is null && bracketed != host.Contains(':', StringComparison.Ordinal)) why = "only an IPv6 address is written in brackets";
        if (why is null && AddressSyntax.IsWildcard(address)) why = "the wildcard is no address to send to";
        fault = ValueFault.Malformed(why);
        if (why is null) value = new LogTarget(LogTargetKind.Syslog, text) { EndPoint = new IPEndPoint(address, port) };
        return why is null;
    }

    protected override string Format(LogTarget value) => value.Text;
}
