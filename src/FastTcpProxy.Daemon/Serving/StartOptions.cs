using FastTcpProxy.Control.Configuration.Model;

namespace FastTcpProxy.Daemon.Serving;

/// <summary>The settings of the command line that override the configuration, for every configuration of the process. Immutable.</summary>
/// <param name="ConfigurationFile">The file, as it was named.</param>
/// <param name="Threads">In place of <c>engine.threads</c>.</param>
/// <param name="LogFormat">In place of <c>log.format</c>.</param>
/// <param name="TakeOver">Whether the listeners come from the process that serves now.</param>
internal sealed record StartOptions(string ConfigurationFile, int? Threads = null, LogFormatSetting? LogFormat = null,
    bool TakeOver = false)
{
    public ProxyConfiguration Apply(ProxyConfiguration configuration) => configuration with
    {
        Engine = configuration.Engine with { Threads = Threads ?? configuration.Engine.Threads },
        Log = configuration.Log with { Format = LogFormat ?? configuration.Log.Format },
    };
}
