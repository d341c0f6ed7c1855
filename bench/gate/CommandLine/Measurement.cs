using System.Diagnostics;
using FastTcpProxy.Gate.Measurements;
using FastTcpProxy.Gate.Trees;

namespace FastTcpProxy.Gate.CommandLine;

/// <summary>
/// <see cref="MeasureCommand"/> in a process of its own: builds need the network, measurements need one where nothing else is. Used by the
/// main thread.
/// </summary>
internal static class Measurement
{
    /// <summary>Runs it to its end, with its output as ours.</summary>
    /// <param name="environment">Further variables of the proxies.</param>
    /// <returns>Its exit code.</returns>
    public static int Run(SourceTree ofBase, SourceTree ofHead, GateOptions options, string? json,
        IReadOnlyDictionary<string, string> environment)
    {
        List<string> arguments =
        [
            MeasureCommand.Name, ofBase.Folder, ofHead.Folder, $"--base-name={ofBase.Name}", $"--head-name={ofHead.Name}",
            .. MeasureOptions.ToArguments(options),
        ];
        if (json is not null) arguments.AddRange(["--json", json]);
        ProcessStartInfo start = new(Environment.ProcessPath!, arguments);
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
