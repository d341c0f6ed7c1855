using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>The real curl on a UNIX socket. Any thread.</summary>
internal static class Curl
{
    public static Task<ProcessResult> RunAsync(string socket, string route, params string[] options) => RunAsync([], socket, route, options);

    /// <param name="before">A program that runs curl, and its arguments.</param>
    public static Task<ProcessResult> RunAsync(string[] before, string socket, string route, params string[] options)
    {
        string[] command = [.. before, "/usr/bin/curl", "--silent", "--show-error", "--unix-socket", socket, "http://localhost" + route, .. options];
        return ChildProcess.RunAsync(command[0], command[1..]);
    }
}
