using Lvsctl.Cli.Commands;
using Lvsctl.Cli.Ipvsadm;

// The ipvsadm style is started thousands of times by scripts, so nothing of the other's parser may be loaded for it.
var calledAs = Invocation.CalledAs();
return Invocation.IsIpvsadmStyle(calledAs, args)
    ? IpvsadmProgram.Run(IpvsadmEnvironment.OfProcess() with { OwnHelp = OwnVerbs.Overview }, calledAs, args)
    : LvsctlCommand.Run(args);
