using System.Collections.Immutable;
using FastTcpProxy.Control.Configuration;

namespace FastTcpProxy.Daemon.Running;

/// <summary>What a running process cannot change about itself. A reload that wants it is refused whole, so that no part of a file is in force without the others. Pure.</summary>
internal static class RestartRules
{
    public static ImmutableArray<ConfigurationError> Check(ProxyConfiguration now, ProxyConfiguration wanted, string source)
    {
        List<string> keys = [];
        if (now.Engine.Threads != wanted.Engine.Threads) keys.Add("engine.threads");
        if (now.Log.Format != wanted.Log.Format) keys.Add("log.format");
        if (now.Admin != wanted.Admin) keys.Add("admin");
        return
        [
            .. keys.Select(key => new ConfigurationError(source, 1, 1, ConfigurationCodes.NeedsRestart, ConfigurationSeverity.Error,
                $"{key} cannot change while the proxy runs, expected the value it was started with; restart it, or let a new one take over (run --take-over)")),
        ];
    }
}
