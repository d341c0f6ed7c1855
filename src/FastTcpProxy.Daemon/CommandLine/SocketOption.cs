using System.CommandLine;
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

    /// <summary>The path to use. A variable that is empty counts as not set.</summary>
    public static string Resolve(string? option)
    {
        if (option is not null) return option;
        return Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : DefaultPath;
    }
}
