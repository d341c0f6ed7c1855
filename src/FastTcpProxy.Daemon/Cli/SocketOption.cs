using System.CommandLine;
using System.Text;
using FastTcpProxy.Control.Configuration.Model;
using FastTcpProxy.Control.Configuration.Problems;
using FastTcpProxy.Daemon.TakeOver;

namespace FastTcpProxy.Daemon.Cli;

/// <summary>The option <c>--socket PATH</c> of the commands that ask a running proxy. Used by the main thread.</summary>
internal static class SocketOption
{
    /// <summary>The greatest that Linux gives (proc(5), pid_max).</summary>
    private const int ProcessIdMax = 4 * 1024 * 1024;

    public static Option<string?> Build()
    {
        Option<string?> option = new("--socket", "-s")
        {
            Description = $"The UNIX socket of the running proxy (admin.socket of its configuration); "
                + $"by default {ProxyChoice.SocketVariable}, or {ProxyChoice.DefaultSocket}.",
            HelpName = "PATH",
        };
        OptionValues.RefuseEmpty(option, "the path of a socket");
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var path }] && Encoding.UTF8.GetByteCount(path) > ConfigurationLimits.SocketPathBytesMax)
                result.AddError($"--socket: a path of {Counted.Of(Encoding.UTF8.GetByteCount(path), "byte")}, "
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
}
