using System.Globalization;

namespace FastTcpProxy.Daemon.Systemd;

/// <summary>
/// Whether the service manager waits for signs of life, and how often (sd_watchdog_enabled(3)). Pure but for the environment, any thread.
/// </summary>
internal static class Watchdog
{
    public const string TimeoutVariable = "WATCHDOG_USEC", ProcessVariable = "WATCHDOG_PID";

    /// <summary>The signs come three times within the manager's time, so that one that is late or lost does not end the process.</summary>
    private const int SignsPerTimeout = 3;

    /// <summary>No service manager needs a sign more often, and the timers of the loops are not faster.</summary>
    public static readonly TimeSpan IntervalMin = TimeSpan.FromMilliseconds(50);

    /// <summary>Takes the manager's wish from the environment, and the variables with it: they are meant for this process alone.</summary>
    /// <returns>How often to give a sign; null for never.</returns>
    public static TimeSpan? FromEnvironment(out string? fault)
    {
        string? timeout = Environment.GetEnvironmentVariable(TimeoutVariable),
            process = Environment.GetEnvironmentVariable(ProcessVariable);
        Environment.SetEnvironmentVariable(TimeoutVariable, null);
        Environment.SetEnvironmentVariable(ProcessVariable, null);
        return Parse(timeout, process, Environment.ProcessId, out fault);
    }

    /// <param name="timeout">Microseconds until the manager takes the process for hung.</param>
    /// <param name="process">The process that is meant; null for any reader.</param>
    /// <param name="processId">This process.</param>
    /// <param name="fault">Why there is none although one was asked for.</param>
    public static TimeSpan? Parse(string? timeout, string? process, int processId, out string? fault)
    {
        fault = null;
        if (string.IsNullOrEmpty(timeout)) return null;
        // Inherited from a service that started this one.
        if (!string.IsNullOrEmpty(process) && process != processId.ToString(CultureInfo.InvariantCulture)) return null;
        if (!long.TryParse(timeout, NumberStyles.None, CultureInfo.InvariantCulture, out long microseconds) || microseconds <= 0
            || microseconds > long.MaxValue / TimeSpan.TicksPerMicrosecond)
        {
            fault = $"{TimeoutVariable} is \"{timeout}\", expected microseconds";
            return null;
        }
        TimeSpan interval = TimeSpan.FromTicks(microseconds * TimeSpan.TicksPerMicrosecond / SignsPerTimeout);
        return interval < IntervalMin ? IntervalMin : interval;
    }
}
