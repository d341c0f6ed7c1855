using System.Globalization;
using FastTcpProxy.Control.Configuration;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Daemon.Kernel;
using FastTcpProxy.Engine;

namespace FastTcpProxy.Daemon.Cli.Machine;

/// <summary>What the checks of a machine look at, and for which configuration. Immutable; lives for one check.</summary>
/// <param name="Configuration">Valid.</param>
/// <param name="Text">Of the file, for the places of keys.</param>
/// <param name="File">Its name, as it was given.</param>
internal sealed record MachineContext(ProxyConfiguration Configuration, byte[] Text, string File)
{
    public ISystemFiles Files { get; init; } = SystemFiles.Machine;

    /// <summary>Descriptors of this process before the check opened any.</summary>
    public int Open { get; init; } = DescriptorLimit.CountOpen();

    /// <summary>The proxy that serves already; null: none.</summary>
    public ServingProxy? Serving { get; init; }

    /// <summary>Why the proxy that serves could not be asked; null: it was, or none serves.</summary>
    public string? ProxyFault { get; init; }

    /// <summary>Addresses of the names in the configuration.</summary>
    public ResolvedNames Names { get; init; } = ResolvedNames.None;

    /// <summary>What the kernel says of its clock; null: it does not.</summary>
    public ClockState? Clock { get; init; }

    public DateTime UtcNow { get; init; } = DateTime.UtcNow;

    /// <summary>When the program was built: no clock is right that shows an earlier time.</summary>
    public DateTime BuiltAt { get; init; } = DateTime.UnixEpoch;

    public KernelSettings Kernel => new(Files);

    /// <summary>The folder in /proc of the process whose limits count: of the proxy that serves, or this one.</summary>
    public string Process => Serving is { } proxy ? proxy.Pid.ToString(CultureInfo.InvariantCulture) : "self";

    /// <summary>"the serving process 812", or "this session".</summary>
    public string ProcessName => Serving is { } proxy
        ? string.Create(CultureInfo.InvariantCulture, $"the serving process {proxy.Pid}")
        : "this session";

    /// <summary>Sessions that the configuration allows, of all services together.</summary>
    public int SessionsMax => Configuration.Engine.MaxSessions;

    /// <summary>A key and its place in the file.</summary>
    public string At(string key)
    {
        (int line, int column) = ConfigurationPlaces.Find(Text, key);
        return string.Create(CultureInfo.InvariantCulture, $"{key}, {File}:{line}:{column}");
    }
}
