using FastTcpProxy.Engine.Outcomes;
using Microsoft.Extensions.ObjectPool;

namespace FastTcpProxy.Engine.Sessions;

/// <summary>The attempts of a session that made more than one. Most sessions make one, and note it themselves. Pooled.</summary>
internal sealed class AttemptLog : IResettable
{
    public AttemptList List;

    public bool TryReset()
    {
        List = default;
        return true;
    }
}
