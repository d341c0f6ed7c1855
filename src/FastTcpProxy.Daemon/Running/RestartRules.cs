using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration;

namespace FastTcpProxy.Daemon.Running;

/// <summary>What a running process cannot change about itself. A reload that wants it is refused whole, so that no part of a file is in force without the others. Pure.</summary>
internal static class RestartRules
{
    /// <param name="now">What is in force.</param>
    /// <param name="wanted">What is to be.</param>
    /// <param name="text">That of the wanted one, for the places.</param>
    /// <param name="source">The file of the places.</param>
    public static ImmutableArray<ConfigurationError> Check(ProxyConfiguration now, ProxyConfiguration wanted, ReadOnlyMemory<byte> text, string source)
    {
        List<string> keys = [];
        if (now.Engine.Threads != wanted.Engine.Threads) keys.Add("engine.threads");
        if (now.Log.Format != wanted.Log.Format) keys.Add("log.format");
        if (now.Admin != wanted.Admin) keys.Add("admin");
        return
        [
            .. from key in keys
               let place = ConfigurationPlaces.Find(text.Span, key)
               orderby place
               select new ConfigurationError(source, place.Line, place.Column, ConfigurationCodes.NeedsRestart, ConfigurationSeverity.Error,
                   $"{key} cannot change while the proxy runs, expected the value it was started with; restart it, or let a new one take over (run --take-over)"),
        ];
    }
}
