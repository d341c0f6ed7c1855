return FastTcpProxy.Daemon.Host.StandardDescriptors.TryMend() && FastTcpProxy.Daemon.Host.StartDescriptors.AreEnough()
    ? FastTcpProxy.Daemon.Cli.ProgramCommand.Run(args)
    : FastTcpProxy.Daemon.Host.ExitCodes.Failed;
