using System.CommandLine;
using System.Globalization;
using System.Text;
using FastTcpProxy.Control.Configuration;

namespace FastTcpProxy.Daemon.CommandLine;

/// <summary>The option <c>--socket PATH</c> of the commands that ask a running proxy. Used by the main thread.</summary>
internal static class SocketOption
{
    /// <summary>Used where the option is not given.</summary>
    public const string Variable = "FASTTCPPROXY_SOCKET";

    /// <summary>Used where neither is given: where a unit of systemd with RuntimeDirectory=fasttcpproxy puts it.</summary>
    public const string DefaultPath = "/run/fasttcpproxy/admin.sock";

    /// <summary>The greatest that Linux gives (proc(5), pid_max).</summary>
    private const int ProcessIdMax = 4 * 1024 * 1024;

    public static Option<string?> Build()
    {
        Option<string?> option = new("--socket", "-s")
        {
            Description = $"The UNIX socket of the running proxy (admin.socket of its configuration); by default {Variable}, or {DefaultPath}.",
            HelpName = "PATH",
        };
        OptionValues.RefuseEmpty(option, "the path of a socket");
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var path }] && Encoding.UTF8.GetByteCount(path) > ConfigurationLimits.SocketPathBytesMax)
                result.AddError($"--socket: a path of {Encoding.UTF8.GetByteCount(path)} bytes, expected at most {ConfigurationLimits.SocketPathBytesMax}");
        });
        return option;
    }

    /// <summary>The option <c>--generation PID</c>: an earlier process that has handed its listeners over and drains.</summary>
    public static Option<int?> BuildGeneration() => new("--generation")
    {
        Description = "Ask an earlier generation that drains, by its process id (they stand in the status), and not the one that serves.",
        HelpName = "PID",
        CustomParser = OptionValues.WholeNumber(1, ProcessIdMax),
    };

    /// <summary>The path to use. A variable that is empty counts as not set.</summary>
    public static string Resolve(string? option) =>
        option ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : DefaultPath);

    /// <summary>The path at which an earlier generation answers.</summary>
    public static string OfGeneration(string path, int processId) => string.Create(CultureInfo.InvariantCulture, $"{path}.{processId}");
}
