using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.Kernel;
using FastTcpProxy.Daemon.Logging;
using FastTcpProxy.Daemon.Serving;
using FastTcpProxy.Engine;
using Microsoft.Extensions.Logging;

namespace FastTcpProxy.Daemon.Host;

/// <summary>Logs at the start the limits of the machine, and which wishes of the configuration exceed them. Used once, by the main
/// task.</summary>
internal static class LimitsReport
{
    /// <summary>
    /// What bursts of clients need. The engine asks for more, and the kernel cuts it to net.core.somaxconn, by default 4096 (listen(2)).
    /// </summary>
    public const int AcceptQueueWanted = 4096;

    /// <summary>A small buffer: the least that a session holds whose receiver is slow. Others hold none.</summary>
    private const int BytesPerSession = 4 * 1024;

    public static void Write(ILogger log, ProxyEngine engine, DescriptorPlan plan, int sessionsMax)
    {
        DescriptorReport descriptors = engine.Descriptors;
        // Not from where it was raised: the runtime raises the soft limit too, before any of our code runs.
        Events.Descriptors(log, descriptors.Limit, Counted.Of(plan.Sessions, "session"), plan.Reserved, plan.ToString());
        if (plan.Sessions < sessionsMax)
        {
            Events.TooFewDescriptors(log, descriptors.Hard, Counted.Of(plan.Sessions, "session"), sessionsMax, plan.NeededFor(sessionsMax));
        }
        Events.Buffers(log, engine.Budget.BytesMax >> 20);
        long possible = engine.Budget.BytesMax / BytesPerSession;
        if (possible < sessionsMax) Events.TooLittleMemory(log, Counted.Of(sessionsMax, "session"), engine.Budget.BytesMax >> 20, possible);
        if (KernelSettings.Machine.Somaxconn is { } queue && queue < AcceptQueueWanted)
            Events.ShortAcceptQueue(log, queue, AcceptQueueWanted);
    }
}
