namespace FastTcpProxy.Compare.Load;

/// <summary>
/// One run of a load: as many processes as asked for, which begin as one. Stateless; the calling thread waits for its end.
/// </summary>
public static class LoadRun
{
    /// <summary>Runs a load to its end.</summary>
    /// <param name="options">Of all processes together: connections and rate are divided.</param>
    /// <param name="processes">How many, each with one loop.</param>
    /// <param name="cpus">Where they may run; empty: anywhere.</param>
    /// <exception cref="LoadException">It could not be made.</exception>
    public static LoadResult Run(LoadOptions options, int processes, int[] cpus)
    {
        using HeldLoad load = Start(options, processes, cpus);
        return load.Result;
    }

    /// <summary>Starts a load, and waits for its result; one that holds its connections continues until it is disposed of.</summary>
    /// <exception cref="LoadException">It could not be made.</exception>
    public static HeldLoad Start(LoadOptions options, int processes, int[] cpus)
    {
        List<LoadProcess> started = [];
        try
        {
            for (int i = 0; i < processes; i++) started.Add(LoadProcess.Start(Share(options, i, processes), cpus));
            // All backends listen before the first connection: the kernel divides connections among those that do.
            foreach (LoadProcess process in started) process.WaitReady();
            foreach (LoadProcess process in started) process.Go();
            return new(LoadResult.Sum([.. started.Select(process => process.ReadResult())]), started);
        }
        catch
        {
            foreach (LoadProcess process in started) process.Dispose();
            throw;
        }
    }

    /// <summary>What one of several processes does of a load.</summary>
    internal static LoadOptions Share(LoadOptions options, int index, int processes) => options with
    {
        Connections = Math.Max(1, (options.Connections / processes) + (index < options.Connections % processes ? 1 : 0)),
        Rate = options.Rate / processes,
        Barrier = true,
    };
}

/// <summary>
/// A load whose result is there. It owns the processes: disposing ends them, and with them the connections that are held. One thread.
/// </summary>
public sealed class HeldLoad : IDisposable
{
    private readonly List<LoadProcess> _processes;

    internal HeldLoad(LoadResult result, List<LoadProcess> processes)
    {
        Result = result;
        _processes = processes;
    }

    public LoadResult Result { get; }

    public void Dispose()
    {
        foreach (LoadProcess process in _processes) process.Dispose();
    }
}
