using FastTcpProxy.Testing.Processes;

namespace FastTcpProxy.Daemon.Tests.Operations;

/// <summary>
/// The README as a reader follows it: every command of every chapter, in the order in which it is printed, in a fresh folder, by root and
/// by another user. Mount and network namespaces of its own keep the machine as it is: /run and /var/lib are empty, changes of /etc and
/// /usr/bin vanish, and every port is free.
/// </summary>
public sealed class ReadmeTests
{
    /// <summary>Some fifty programs start one after the other, on a machine that may be busy with other tests.</summary>
    private static readonly TimeSpan Within = TimeSpan.FromMinutes(5);

    /// <summary>A user that no machine has.</summary>
    private const string OtherUser = "54321";

    /// <summary>What root prepares. As another user, "sudo" asks root by two pipes; as root it does nothing.</summary>
    private const string Around =
        """
        set -euo pipefail
        work=$1 user=$2
        ip link set lo up
        for folder in /run /var/lib; do mount -t tmpfs tmpfs $folder; done
        mkdir /run/over
        for folder in /etc /usr/bin; do
            mkdir -p /run/over/up$folder /run/over/work$folder
            mount -t overlay overlay -o lowerdir=$folder,upperdir=/run/over/up$folder,workdir=/run/over/work$folder $folder
        done
        mkdir "$work/bin"
        mkfifo -m 666 "$work/ask" "$work/answer"
        if [[ $user == 0 ]]; then
            printf '#!/bin/sh\nexec "$@"\n' > "$work/bin/sudo"
        else
            cat > "$work/bin/sudo" <<END
        #!/bin/bash
        printf 'cd %q && %s\n' "\$PWD" "\$(printf '%q ' "\$@")" > $work/ask
        read -r code < $work/answer
        exit \$code
        END
            while true; do read -r line < "$work/ask"; code=0; bash -c "$line" || code=$?; echo $code > "$work/answer"; done &
            trap "kill $!" EXIT
        fi
        chmod 755 "$work/bin/sudo"
        chown -R $user:$user "$work"
        cd "$work"
        export PATH=$work/bin:$PATH USER=$user HOME=$work PROGRAM=$work/src/FastTcpProxy.Daemon/bin/Release/net10.0/fasttcpproxy
        setpriv --reuid $user --regid $user --clear-groups bash readme.sh
        """;

    [Theory]
    [InlineData("0")]
    [InlineData(OtherUser)]
    public async Task EveryCommand_InTheOrderPrinted_DoesWhatItSays(string user)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can make the namespaces");
        using TempFolder folder = new("readme");
        IReadOnlyList<ReadmeStep> steps = ReadmeSteps.Read();
        Copy(folder, Path.GetDirectoryName(ProxyExecutable.FilePath)!, "src/FastTcpProxy.Daemon/bin/Release/net10.0");
        Copy(folder, Path.Combine(ProxyExecutable.RepositoryRoot, "src/FastTcpProxy.Daemon/Systemd"), "src/FastTcpProxy.Daemon/Systemd");
        folder.Write("readme.sh", ReadmeScript.Of(steps));
        folder.Write("around.sh", Around);

        ProcessResult result = await ChildProcess.RunAsync("unshare",
            ["--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "bash", folder["around.sh"], folder.Path, user],
            environment: ProxyExecutable.Environment, within: Within);

        Assert.True(result.ExitCode == 0, $"exit code {result.ExitCode}\n{result.Output}\n{result.Error}");
        string[] printed = [.. steps.Select(step => step.Command).OfType<string>()];
        Assert.True(printed.Length > 45, $"{printed.Length} commands");
        Assert.Equal(printed, result.Output.Split('\n').Where(l => l.StartsWith("+ ", StringComparison.Ordinal)).Select(l => l[2..]));
    }

    /// <summary>A reason for a command that is printed nowhere would hide the next one that begins so.</summary>
    [Fact]
    public void NotRun_NamesPrintedCommandsOnly()
    {
        string[] printed = [.. ReadmeSteps.Read().Select(step => step.Command).OfType<string>()];

        Assert.All(ReadmeScript.NotRun.Keys,
            start => Assert.Contains(printed, command => command.StartsWith(start, StringComparison.Ordinal)));
    }

    private static void Copy(TempFolder folder, string from, string to)
    {
        string target = Directory.CreateDirectory(folder[to]).FullName;
        foreach (string file in Directory.GetFiles(from)) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
    }
}
