using FastTcpProxy.Testing.Peers;
using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Admin;

/// <summary>The real curl on a UNIX socket; a test that needs it is skipped where it is not installed. Any thread.</summary>
internal static class Curl
{
    public static Task<ProcessResult> RunAsync(string socket, string route, params string[] options) =>
        RunAsync([], socket, route, options);

    /// <param name="before">A program that runs curl, and its arguments.</param>
    public static Task<ProcessResult> RunAsync(string[] before, string socket, string route, params string[] options)
    {
        RequiresPeer.Curl();
        string[] command = [.. before, RequiresPeer.CurlPath, "--silent", "--show-error", "--unix-socket", socket,
            "http://localhost" + route, .. options];
        return ChildProcess.RunAsync(command[0], command[1..]);
    }
}
