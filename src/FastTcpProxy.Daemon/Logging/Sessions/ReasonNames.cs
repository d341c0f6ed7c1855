using FastTcpProxy.Engine.Outcomes;

namespace FastTcpProxy.Daemon.Logging.Sessions;

/// <summary>The texts of reasons, each made once: there are few, and a line is written for every session. One thread.</summary>
internal sealed class ReasonNames
{
    private readonly Dictionary<EndReason, string> _names = [];

    public string this[EndReason reason]
    {
        get
        {
            if (!_names.TryGetValue(reason, out string? name)) _names[reason] = name = reason.ToString();
            return name;
        }
    }
}
