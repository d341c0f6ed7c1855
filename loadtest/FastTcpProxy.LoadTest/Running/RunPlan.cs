using System.Collections.Immutable;
using System.Globalization;
using FastTcpProxy.Compare.Machine;
using FastTcpProxy.LoadTest.Model;
using FastTcpProxy.LoadTest.Stage.Proxies;

namespace FastTcpProxy.LoadTest.Running;

/// <summary>A run from its set-up to its result. Used by one task.</summary>
internal static class RunPlan
{
    /// <summary>Whether the machine has what the scenario needs; null, or what is missing and what to do.</summary>
    public static string? Missing(Needs needs, int descriptors, int ports)
    {
        if (needs.Descriptors > descriptors)
            return $"it needs {needs.Descriptors} descriptors a process and may have {descriptors}: lower --rate, "
                + $"or raise the hard limit (ulimit -Hn {needs.Descriptors})";
        return needs.Ports > ports
            ? $"it needs {needs.Ports} ephemeral ports and has {ports}: lower --rate, or widen net.ipv4.ip_local_port_range"
            : null;
    }

    /// <summary>The ephemeral ports of this network.</summary>
    public static int EphemeralPorts()
    {
        int[] range = [.. File.ReadAllText("/proc/sys/net/ipv4/ip_local_port_range")
            .Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
        return range[1] - range[0] + 1;
    }

    /// <param name="progress">Called twice a second while it runs.</param>
    /// <exception cref="StageException">It cannot be set up.</exception>
    /// <exception cref="OperationCanceledException">The user has given it up.</exception>
    public static async Task<RunResult> RunAsync(Scenario scenario, LoadOptions options, string command,
        Action<Recorder, OpenRunner> progress, CancellationToken stop)
    {
        string proxy = ProxyUnderTest.Describe(options);
        DateTimeOffset startedAt = DateTimeOffset.UtcNow;
        Recorder recorder = new();
        ImmutableArray<ProcessSample> samples;
        double cpu;
        await using (IStage stage = await scenario.SetUpAsync(options))
        {
            foreach (string note in stage.Notes) recorder.Note(note);
            OpenRunner runner = new(stage, recorder);
            ProcessSampler sampler = new(() => stage.ProxyProcessId, () => recorder.Elapsed);
            using CancellationTokenSource over = new();
            // The clock and the first phase begin with the run, so what looks at them begins after it.
            Task running = runner.RunAsync(stop), sampling = sampler.RunAsync(over.Token),
                showing = ShowAsync(() => progress(recorder, runner), over.Token);
            try
            {
                await Interruption.WaitAsync(running, stop);
            }
            finally
            {
                await over.CancelAsync();
                await Task.WhenAll(sampling, showing);
            }
            samples = sampler.Samples;
            cpu = samples.Zip(samples.Skip(1)).Sum(pair => pair.Second.Cores * (pair.Second.Second - pair.First.Second));
        }
        AddFigures(recorder, options, samples, cpu);
        (ImmutableArray<PhaseResult> phases, ImmutableArray<FigureResult> figures, ImmutableArray<string> notes) = recorder.Results();
        MachineFacts machine = MachineFacts.Read();
        return new RunResult(
            scenario.Name, scenario.Summary, proxy,
            $"{machine.Cpus} CPUs, {machine.CpuModel}; {machine.Kernel}; {machine.Runtime}; loopback", command, startedAt,
            options.Duration.TotalSeconds, phases, figures, recorder.Timeline.Results(), samples, notes);
    }

    /// <summary>Why clients were not begun, and what to do; null: all were.</summary>
    public static string? NotBegun(PhaseResult all, int descriptors) =>
        all.Fates.TryGetValue(Tally.FateNames[(int)Fate.NotBegun], out long count)
            ? $"{count} {(count == 1 ? "client was" : "clients were")} not begun: the load may have "
                + $"{Needs.ConnectionsMaxOf(descriptors)} open at a time (of {descriptors} descriptors), and each needs a free port. "
                + "The machine is too slow for the rate: lower --rate, or raise the hard limit (ulimit -Hn)"
            : null;

    /// <summary>What every scenario has.</summary>
    private static void AddFigures(Recorder recorder, LoadOptions options, ImmutableArray<ProcessSample> samples, double cpu)
    {
        PhaseResult all = recorder.Results().Phases[^1];
        double seconds = Math.Max(options.Duration.TotalSeconds, 1);
        recorder.Figure("throughput_mib_s", Math.Round(all.Bytes / seconds / (1 << 20), 1), "MiB/s");
        if (NotBegun(all, DescriptorLimit.Raise()) is { } note) recorder.Note(note);
        recorder.Figure("arrivals_per_s", Math.Round(all.Count / seconds, 1), "1/s");
        if (samples.IsEmpty) return;
        recorder.Figure("memory_max_mib", Math.Round(samples.Max(s => s.ResidentBytes) / (double)(1 << 20), 1), "MiB");
        recorder.Figure("descriptors_max", samples.Max(s => s.Descriptors), "descriptors");
        if (all.Count > 0) recorder.Figure("cpu_us_per_arrival", Math.Round(cpu * 1e6 / all.Count, 1), "us");
    }

    private static async Task ShowAsync(Action show, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            show();
            await Task.Delay(500, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
