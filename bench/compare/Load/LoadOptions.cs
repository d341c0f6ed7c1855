using System.Globalization;

namespace FastTcpProxy.Compare.Load;

/// <summary>What one load process does. Immutable. Its text form is the command line of the hidden command <c>load</c>.</summary>
public sealed record LoadOptions
{
    /// <summary>Room for more would be waste: the figures that are compared are made with 100 bytes.</summary>
    public const int MessageBytesMax = 65_536;

    public required LoadKind Kind { get; init; }

    public required HeaderKind Header { get; init; }

    /// <summary>Where the proxy listens on 127.0.0.1.</summary>
    public required int ProxyPort { get; init; }

    /// <summary>Where the load's backend listens on 127.0.0.1; several load processes share it.</summary>
    public required int BackendPort { get; init; }

    public required int Connections { get; init; }

    public int MessageBytes { get; init; } = 100;

    /// <summary>Seconds of load before the measured window.</summary>
    public double WarmUpSeconds { get; init; }

    /// <summary>
    /// Seconds of the measured window; of <see cref="LoadKind.Idle"/> and <see cref="LoadKind.Waiting"/>: how long to hold at most.
    /// </summary>
    public required double Seconds { get; init; }

    /// <summary>Operations a second that begin at intended times (open model); 0: as fast as answers come (closed model).</summary>
    public double Rate { get; init; }

    /// <summary>Waits for arrivals by polling, for a CPU that is the load's alone: waking up costs more than a round trip.</summary>
    public bool Spin { get; init; }

    /// <summary>The processes of the proxy, whose CPU clocks are read at both ends of the window.</summary>
    public int[] ProxyProcesses { get; init; } = [];

    /// <summary>Says "ready" when the backend listens and begins when a line comes in, so that several processes begin as one.</summary>
    public bool Barrier { get; init; }

    public string[] ToArguments()
    {
        List<string> arguments =
        [
            "load", "--kind", Kind.ToString(), "--header", Header.ToString(), "--proxy-port", Text(ProxyPort), "--backend-port",
            Text(BackendPort),
            "--connections", Text(Connections), "--message-bytes", Text(MessageBytes), "--warm-up", Text(WarmUpSeconds), "--seconds",
            Text(Seconds),
            "--rate", Text(Rate),
        ];
        if (ProxyProcesses.Length > 0) arguments.AddRange(["--pids", string.Join(',', ProxyProcesses)]);
        if (Spin) arguments.Add("--spin");
        if (Barrier) arguments.Add("--barrier");
        return [.. arguments];
    }

    private static string Text(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
