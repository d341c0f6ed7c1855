using System.CommandLine;
using System.Text;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Daemon.TakeOver;

namespace FastTcpProxy.Daemon.Cli;

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
            Description = $"The UNIX socket of the running proxy (admin.socket of its configuration); "
                + $"by default {Variable}, or {DefaultPath}.",
            HelpName = "PATH",
        };
        OptionValues.RefuseEmpty(option, "the path of a socket");
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var path }] && Encoding.UTF8.GetByteCount(path) > ConfigurationLimits.SocketPathBytesMax)
                result.AddError($"--socket: a path of {Encoding.UTF8.GetByteCount(path)} bytes, "
                    + $"expected at most {ConfigurationLimits.SocketPathBytesMax}");
        });
        return option;
    }

    /// <summary>
    /// The option <c>--generation PID</c>: an earlier process that has handed its listeners over and drains; <c>PID-2</c> and so on where
    /// others have the same number.
    /// </summary>
    public static Option<GenerationName?> BuildGeneration() => new("--generation")
    {
        Description = "Ask an earlier generation that drains, and not the serving process; PID is its process id, which the status shows.",
        HelpName = "PID",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (GenerationName.TryParse(text, out GenerationName name) && name.ProcessId is >= 1 and <= ProcessIdMax) return name;
            OptionValues.Refuse(result, $"a whole number from 1 to {ProcessIdMax}");
            return null;
        },
    };

    /// <summary>The path to use. A variable that is empty counts as not set.</summary>
    public static string Resolve(string? option) =>
        option ?? (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : DefaultPath);
}
