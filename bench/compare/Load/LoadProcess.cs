using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using FastTcpProxy.Compare.Contestants;
using FastTcpProxy.Compare.Machine;

namespace FastTcpProxy.Compare.Load;

/// <summary>One load process from its start to its end. It owns the process. One thread.</summary>
internal sealed class LoadProcess : IDisposable
{
    /// <summary>What a run may take beyond its own seconds: opening its connections, late answers, a starved machine.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(40);

    private readonly Process _process;
    private readonly LastLines _errors = new();
    private readonly TimeSpan _timeout;

    private LoadProcess(Process process, LoadOptions options)
    {
        _process = process;
        _timeout = TimeSpan.FromSeconds(options.WarmUpSeconds + options.Seconds) + Slack;
        process.ErrorDataReceived += (_, line) => _errors.Add(line.Data);
        process.BeginErrorReadLine();
    }

    /// <summary>Starts it.</summary>
    /// <param name="cpus">Where it may run; empty: anywhere.</param>
    public static LoadProcess Start(LoadOptions options, int[] cpus)
    {
        string assembly = typeof(LoadProcess).Assembly.Location;
        string program = Path.ChangeExtension(assembly, null);
        ProcessStartInfo info = File.Exists(program)
            ? new(program, options.ToArguments())
            : new("dotnet", [assembly, .. options.ToArguments()]);
        info.RedirectStandardInput = info.RedirectStandardOutput = info.RedirectStandardError = true;
        return new(Affinity.On(cpus, () => Process.Start(info)!), options);
    }

    /// <summary>Waits until its backend listens.</summary>
    /// <exception cref="LoadException">It ended instead.</exception>
    public void WaitReady() => ReadLine("ready");

    /// <summary>Lets it begin.</summary>
    public void Go()
    {
        _process.StandardInput.WriteLine();
        _process.StandardInput.Flush();
    }

    /// <summary>Waits for the next result.</summary>
    /// <exception cref="LoadException">It ended without one; the text is what it said.</exception>
    public LoadResult ReadResult() => JsonSerializer.Deserialize(ReadLine("result"), LoadJson.Default.LoadResult)!;

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private string ReadLine(string awaited)
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        if (!line.Wait(_timeout))
            throw new LoadException(
                $"the load gave no {awaited} within {_timeout.TotalSeconds.ToString("0", CultureInfo.InvariantCulture)} s");
        if (line.Result is { } text) return text;
        _process.WaitForExit();
        string[] said = _errors.ToArray();
        throw new LoadException(said.Length > 0 ? string.Join('\n', said) : $"the load ended with exit code {_process.ExitCode}");
    }
}
