using FastTcpProxy.Engine.Guards.Networks;

namespace FastTcpProxy.Engine.Guards.Decision;

/// <summary>A service, as the guards know it. Any thread.</summary>
public sealed class GuardedService
{
    private int _scope = NetworkEntry.AllServices + 1;

    /// <summary>
    /// Which entries are its own, and where it counts sources by itself: from 1, the process's number of the service and one.
    /// </summary>
    public ushort Scope => (ushort)Volatile.Read(ref _scope);

    /// <summary>What its clients have that is limited for the service by itself.</summary>
    internal TotalCount Total { get; } = new();

    /// <summary>The process has given it a number.</summary>
    internal void Number(int number) => Volatile.Write(ref _scope, number + 1);
}
