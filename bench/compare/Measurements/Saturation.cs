using FastTcpProxy.Compare.Load;

namespace FastTcpProxy.Compare.Measurements;

/// <summary>Who was the limit: the proxy, as it should be, the load, or a machine that was taken away. Pure, any thread.</summary>
public static class Saturation
{
    /// <summary>A load process that is this busy has nothing left to give.</summary>
    public const double LoadFull = 0.95;

    /// <summary>A proxy below this share of its CPUs was waiting.</summary>
    public const double ProxyFull = 0.90;

    /// <summary>With both below this neither worked: another program had the CPUs.</summary>
    public const double StarvedBelow = 0.75;

    /// <summary>An open model whose starts are later than this share of the latency it finds measures itself.</summary>
    public const double LatenessShareMax = 0.25;

    /// <summary>Less than this of the rate was done: it was no fixed rate.</summary>
    public const double RateShareMin = 0.98;

    /// <summary>Whether the load and not the proxy was the limit.</summary>
    /// <param name="load">CPUs that one load process was busy on, 0 to 1.</param>
    /// <param name="proxy">CPUs that the proxy was busy on.</param>
    /// <param name="threads">CPUs that the proxy may be busy on.</param>
    public static bool IsLoadBound(double load, double proxy, int threads) => load >= LoadFull && proxy < ProxyFull * threads;

    /// <summary>Whether a round was starved.</summary>
    /// <param name="pinned">Proxy and load have CPUs of their own; otherwise they share those that there are.</param>
    /// <param name="cpus">The CPUs of the machine that may be used.</param>
    public static bool IsStarved(LoadResult result, int threads, bool pinned, int cpus)
    {
        if (pinned) return result.ProxyUtilization < StarvedBelow * threads && result.LoadUtilization < StarvedBelow;
        double all = result.ProxyUtilization + (result.LoadUtilization * result.Processes);
        return all < StarvedBelow * Math.Min(cpus, 2 * threads);
    }

    /// <summary>Whether an open model was late by its own fault.</summary>
    public static bool IsLate(double latenessP99Us, double latencyP99Us) => latenessP99Us > LatenessShareMax * latencyP99Us;
}
