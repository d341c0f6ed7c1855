using System.ComponentModel;
using System.Diagnostics;

namespace FastTcpProxy.Gate.Running;

/// <summary>Another program, run to its end. Any thread.</summary>
internal static class Tool
{
    /// <summary>Runs it and returns what it printed on standard output.</summary>
    /// <param name="folder">Where it runs; null: here.</param>
    /// <exception cref="GateException">It is not installed, or failed; the text holds the end of what it said.</exception>
    public static string Run(string program, IEnumerable<string> arguments, string? folder = null)
    {
        using Process process = Start(program, arguments, folder);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode == 0) return output;
        throw new GateException($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)}: "
            + $"exit code {process.ExitCode}\n{Tail(output)}{Tail(errors.Result)}");
    }

    /// <summary>Starts it with its output to be read by the caller.</summary>
    /// <exception cref="GateException">It is not installed.</exception>
    public static Process Start(string program, IEnumerable<string> arguments, string? folder = null)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        // Servers of a build that outlive it would be measured with what comes next.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new GateException($"{program} cannot be started ({e.Message}): install it");
        }
    }

    /// <summary>The last lines of a text, which hold what a program ended with.</summary>
    public static string Tail(string text)
    {
        const int linesMax = 30;
        string[] lines = text.TrimEnd().Split('\n');
        return string.Join('\n', lines.TakeLast(linesMax)) + "\n";
    }
}
