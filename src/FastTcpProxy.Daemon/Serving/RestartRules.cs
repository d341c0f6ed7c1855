using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;

namespace FastTcpProxy.Daemon.Serving;

/// <summary>The settings that a running process cannot change. A reload that changes one is refused as a whole, so that no part of a file
/// is in force without the others. Pure.</summary>
internal static class RestartRules
{
    private const string SocketKey = "admin.socket";

    private static readonly AdminConfiguration NoAdmin = new();

    /// <param name="now">What is in force.</param>
    /// <param name="wanted">What is to be.</param>
    /// <param name="text">That of the wanted one, for the places.</param>
    /// <param name="source">The file of the places.</param>
    public static ImmutableArray<ConfigurationError> Check(ProxyConfiguration now, ProxyConfiguration wanted, ReadOnlyMemory<byte> text,
        string source) =>
    [
        .. from change in Changes(now, wanted)
           let place = ConfigurationPlaces.Find(text.Span, change.Key)
           orderby place
           select new ConfigurationError(source, place.Line, place.Column, ConfigurationCodes.NeedsRestart, ConfigurationSeverity.Error,
               $"{change.Key} cannot {change.Why}"),
    ];

    /// <summary>Each key that differs, and what follows "cannot".</summary>
    private static IEnumerable<(string Key, string Why)> Changes(ProxyConfiguration now, ProxyConfiguration wanted)
    {
        if (now.Engine.Threads != wanted.Engine.Threads) yield return ("engine.threads", Start("change"));
        // Without a session log the engine keeps no records.
        if ((now.Log.Format == LogFormatSetting.None) != (wanted.Log.Format == LogFormatSetting.None))
            yield return ("log.format", Start("change"));
        AdminConfiguration before = now.Admin ?? NoAdmin, after = wanted.Admin ?? NoAdmin;
        if (before.Socket != after.Socket) yield return (SocketKey, Socket(before.Socket, after.Socket));
        else if (before.SocketPermissions != after.SocketPermissions) yield return (SocketKey, Start("change its mode or group"));
        if (!before.Listen.SequenceEqual(after.Listen))
            yield return ("admin.listen", Start(Verb(!before.Listen.IsEmpty, !after.Listen.IsEmpty)));
        if (before.TokenFile != after.TokenFile)
            yield return ("admin.tokenFile", Start(Verb(before.TokenFile is not null, after.TokenFile is not null)));
        if (before.CertificateFile != after.CertificateFile)
            yield return ("admin.certFile", Start(Verb(before.CertificateFile is not null, after.CertificateFile is not null)));
        if (before.KeyFile != after.KeyFile)
            yield return ("admin.keyFile", Start(Verb(before.KeyFile is not null, after.KeyFile is not null)));
        if (before.StateDirectory != after.StateDirectory)
            yield return ("admin.stateDirectory", Start(Verb(before.StateDirectory is not null, after.StateDirectory is not null)));
    }

    private static string Start(string verb) =>
        $"{verb} while the proxy runs, expected the value it was started with; restart it, or let a new one take over (run --take-over)";

    /// <summary>
    /// A new process asks for the listeners beside the socket that its own file names: with another path it would not find the running one.
    /// </summary>
    private static string Socket(string? before, string? after) =>
        $"{Verb(before is not null, after is not null)} while the proxy runs, "
        + $"expected {(before is null ? "none, as it was started" : $"\"{before}\", with which it was started")}; "
        + "set it back, or stop the proxy and start it again: run --take-over looks for the running process at the path in its own file";

    private static string Verb(bool wasThere, bool isThere) => (wasThere, isThere) switch
    {
        (false, true) => "be added",
        (true, false) => "be removed",
        _ => "change",
    };
}
